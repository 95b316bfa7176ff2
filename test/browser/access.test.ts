/** How people come into the back-office, and out of it, in a real browser. */
import { randomUUID } from 'node:crypto';
import { AuthenticatorApp } from '../support/person.js';
import { describeInBrowser } from './support/chromium.js';
import { letProofsGoStale, letSessionGoIdle, openOffice, type Office } from './support/office.js';

const START_TIMEOUT_MS = 180_000;

describeInBrowser('Coming into the back-office', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  it('leads from an invitation over a password and a second factor to signing in with both', async () => {
    const email = `ama.${randomUUID()}@example.com`;
    const password = 'kente at the harbour before dawn';
    const link = await office.invitationTo(email, 'developer');
    const window = await office.open();
    const { page } = window;
    await page.goto(link);
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill('too short');
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill(password);
    await page.getByRole('textbox', { name: 'The same again', exact: true }).fill('something else entirely');
    await page.getByText('The two are not the same').waitFor();
    await page.getByRole('textbox', { name: 'The same again', exact: true }).fill(password);
    await page.getByRole('button', { name: 'Set the password' }).click();

    await page.getByText('Your password is set').waitFor();
    await page.getByRole('textbox', { name: 'E-mail address', exact: true }).fill(email);
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    const app = new AuthenticatorApp((await page.getByTestId('totp-secret').innerText()).trim());
    await page.getByRole('textbox', { name: 'Code of your authenticator app', exact: true }).fill('000000');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('auth.wrong_code').waitFor();
    await page.getByRole('textbox', { name: 'Code of your authenticator app', exact: true }).fill(await app.code());
    await page.getByRole('button', { name: 'Confirm' }).click();
    const codes = (await page.getByTestId('recovery-codes').innerText()).trim().split('\n');
    expect(codes).toHaveLength(10);
    await page.getByRole('button', { name: 'I have kept them, go on' }).click();
    await page.getByRole('heading', { name: 'Merchants', level: 1 }).waitFor();

    await page.getByTestId('person').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
    await page.getByRole('textbox', { name: 'E-mail address', exact: true }).fill(email);
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('textbox', { name: 'Code of your authenticator app', exact: true }).fill(await app.code());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Merchants', level: 1 }).waitFor();

    await page.getByTestId('person').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('textbox', { name: 'E-mail address', exact: true }).fill(email);
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Use a recovery code instead' }).click();
    await page.getByRole('textbox', { name: 'Recovery code', exact: true }).fill(codes[0] ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Merchants', level: 1 }).waitFor();
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it('says why somebody is not let in, with what to ask about', async () => {
    const window = await office.open();
    const { page } = window;
    await window.go('/merchants');
    await page.getByRole('textbox', { name: 'E-mail address', exact: true }).fill('nobody@example.com');
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill('not the password at all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/auth\.sign_in_failed[\s\S]*req_[0-9a-z]{26}/);
    await window.close();
  });

  it('asks for a fresh second factor when something needs it, and does it then', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    await window.go('/roles');
    await letProofsGoStale(office);
    await page.getByRole('button', { name: 'New role' }).click();
    const dialog = page.getByRole('dialog', { name: 'New role' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('day_shift');
    await dialog.getByRole('textbox', { name: 'What it is for' }).fill('Watches by day.');
    await dialog.getByRole('button', { name: 'New role' }).click();
    const proof = page.getByRole('dialog', { name: 'Show your second factor again' });
    await proof.getByRole('button', { name: 'Cancel' }).click();
    await proof.waitFor({ state: 'hidden' });
    expect(await page.getByRole('alert').count()).toBe(0);
    const made = (): Promise<readonly unknown[]> =>
      office.system.database.query(`SELECT 1 FROM auth.role WHERE name = 'day_shift'`);
    expect(await made()).toHaveLength(0);

    await dialog.getByRole('button', { name: 'New role' }).click();
    await proof.getByRole('textbox', { name: 'Code of your authenticator app', exact: true }).fill('000000');
    await proof.getByRole('button', { name: 'Confirm' }).click();
    await proof.getByText('auth.wrong_code').waitFor();
    await proof
      .getByRole('textbox', { name: 'Code of your authenticator app', exact: true })
      .fill((await office.owner.app?.code()) ?? '');
    await proof.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('link', { name: 'day_shift' }).waitFor();
    expect(await made()).toHaveLength(1);
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it('ends with an idle session, and goes on where one was', async () => {
    const person = await office.hire('auditor');
    const window = await office.openAs(person);
    const { page } = window;
    await window.go('/audit?type=auth.session_started.v1');
    await page.getByRole('heading', { name: 'Audit log' }).waitFor();
    await letSessionGoIdle(office, person);
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('Your session is over').waitFor();
    expect(await page.getByRole('heading', { name: 'Audit log' }).count()).toBe(0);
    await page.getByRole('textbox', { name: 'E-mail address', exact: true }).fill(person.email);
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page
      .getByRole('textbox', { name: 'Code of your authenticator app', exact: true })
      .fill((await person.app?.code()) ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Audit log' }).waitFor();
    expect(new URL(page.url()).searchParams.get('type')).toBe('auth.session_started.v1');
    await window.close();
  });
});
