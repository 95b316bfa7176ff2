/** Rules, books, webhooks and dead letters, after one payment, as operators handle them in a real browser. */
import { must } from '../support/person.js';
import { describeInBrowser } from './support/chromium.js';
import { expectSoon, openOffice, type Office } from './support/office.js';

const WALLET = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
const START_TIMEOUT_MS = 180_000;
const CONSUMER = 'ledger.book_collections';

describeInBrowser('Operating from the back-office', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
    const payment = { amount: 5_000, currency: 'GHS', reference: 'order-1', method: WALLET };
    const options = { headers: { 'idempotency-key': 'order-1', prefer: 'wait=20' } };
    must(await office.system.merchant.post('/v1/payments', payment, options), 201);
  }, START_TIMEOUT_MS);
  afterAll(() => office.close(), START_TIMEOUT_MS);

  it('stores rules, says what is wrong with them, tries them, and puts them into force', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    await window.go('/rules');
    await page.getByRole('button', { name: 'New version' }).click();
    const dialog = page.getByRole('dialog', { name: 'New version' });
    const rules = { rules: [{ name: 'wallets', when: { method: ['mobile_money'] }, use: { type: 'smart' } }] };
    await dialog.getByRole('textbox', { name: 'Rules, as JSON' }).fill('{"rules": [');
    await dialog.getByText('This is not JSON').waitFor();
    await dialog
      .getByRole('textbox', { name: 'Rules, as JSON' })
      .fill(JSON.stringify({ ...rules, otherwise: { type: 'luck' } }));
    await dialog.getByRole('textbox', { name: 'Why this version' }).fill('wallets by what they are worth');
    await dialog.getByRole('button', { name: 'Store this version' }).click();
    await dialog.getByRole('alert').getByText('/content/otherwise').first().waitFor();
    await dialog
      .getByRole('textbox', { name: 'Rules, as JSON' })
      .fill(JSON.stringify({ ...rules, otherwise: { type: 'priority' } }));
    await dialog.getByRole('button', { name: 'Store this version' }).click();
    await page.getByRole('heading', { name: 'Rules, version 1' }).waitFor();
    await page.getByRole('button', { name: 'Dry run' }).click();
    expect(await page.getByLabel('Result').innerText()).toContain('wallets');
    await page.getByRole('button', { name: 'Put into force' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Put into force' }).click();
    await page.getByText('Another person must approve it').waitFor();
    await office.approveLast('routing.activate_rules');
    await page.reload();
    await page.getByText('In force', { exact: true }).waitFor();
    const { body } = must(await office.owner.get<{ active: boolean }>('/admin/v1/routing/rule_sets/1'), 200);
    expect(body.active).toBe(true);
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it('shows the books of the mode that one is in, in the currency as it is written', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    await expectSoon(page, async () => {
      await window.go('/trial-balance');
      await page.getByRole('heading', { name: 'Trial balance' }).waitFor();
      await page.waitForLoadState('networkidle');
      return (await page.getByText('GHS 50.00').count()) > 0;
    });
    await page.getByRole('button', { name: 'Add up every entry' }).click();
    await page.getByText('Entries and holds agree with the accounts.').waitFor();
    await window.go('/trial-balance?mode=live');
    await page.getByText('Nothing was booked yet in this mode').waitFor();
    await window.close();
  });

  it('delivers a webhook again, and warns that the merchant has it already', async () => {
    const { receiver } = office.system;
    const window = await office.openAs(office.owner);
    const { page } = window;
    await expectSoon(page, async () => {
      await window.go('/webhook-deliveries?status=delivered');
      await page.waitForLoadState('networkidle');
      return (await page.getByRole('button', { name: 'Redeliver' }).count()) > 0;
    });
    const before = receiver.deliveries.length;
    await page.getByRole('button', { name: 'Redeliver' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Deliver this event again?' });
    await dialog.getByText('The original was delivered').waitFor();
    await dialog.getByRole('button', { name: 'Redeliver' }).click();
    await page.getByText('A new delivery is under way.').waitFor();
    await expectSoon(page, async () => receiver.deliveries.length > before);
    const [first, last] = [receiver.deliveries.at(0), receiver.deliveries.at(-1)];
    expect(last?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it('replays one dead letter, then all of a consumer, and says before how many that is', async () => {
    const planted = await office.system.database.query(
      `INSERT INTO messaging.delivery (consumer, event_id, event_created_at, attempts, last_error, abandoned_at)
       SELECT '${CONSUMER}', id, created_at, 11, 'the books were away', now() FROM messaging.outbox ORDER BY seq LIMIT 3 RETURNING 1`,
    );
    expect(planted).toHaveLength(3);
    const window = await office.openAs(office.owner);
    const { page } = window;
    await window.go('/dead-letters');
    await page.getByText('3 in all').waitFor();
    expect(await page.getByRole('button', { name: 'Replay all of this consumer' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Replay', exact: true }).first().click();
    await page.getByRole('dialog').getByText(`is given to ${CONSUMER} again`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click();
    await page.getByText('2 in all').waitFor();
    await page.getByRole('button', { name: CONSUMER }).first().click();
    await page.getByRole('button', { name: 'Replay all of this consumer' }).click();
    const dialog = page.getByRole('dialog', { name: `Replay 2 events for ${CONSUMER}?` });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('2 in all').waitFor();
    await page.getByRole('button', { name: 'Replay all of this consumer' }).click();
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('0 in all').waitFor();
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it('has rules act that were put into force', async () => {
    const window = await office.openAs(office.owner);
    const { page } = window;
    const wallet = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
    const order = { amount: 5_000, currency: 'GHS', reference: 'order-by-rule', method: wallet };
    const options = { headers: { 'idempotency-key': 'order-by-rule', prefer: 'wait=20' } };
    const paid = must(await office.system.merchant.post<{ id: string }>('/v1/payments', order, options), 201).body;
    await window.go(`/payments/${paid.id}`);
    await page.getByText('Why this gateway').click();
    await page.getByText('rule “wallets”').waitFor();
    await page.getByRole('link', { name: 'rules, version 1' }).waitFor();
    expect(window.complaints).toEqual([]);
    await window.close();
  });
});
