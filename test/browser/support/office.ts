/** A whole installation, a browser, and people in front of it. */
import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createApiClient } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import { onFailure } from '../../support/on-failure.js';
import { must, Person } from '../../support/person.js';
import { startSystem, type System } from '../../e2e/support/system.js';
import { approve, approved, makePerson, type Approval } from '../../e2e/support/two-people.js';
import { launchBrowser } from './chromium.js';

/** Everything here is on this machine: what takes longer does not come. */
const PATIENCE_MS = 15_000;
const HTTP_ERROR = 400;
/** What differs from one screen to another. */
const CONTENT = 'main, [role="dialog"], [role="alert"]';

export interface Office {
  readonly system: System;
  readonly url: string;
  /** The first person there is, in possession of everything. */
  readonly owner: Person;
  /** A window of its own: nobody is signed in there. */
  open(options?: Parameters<Browser['newContext']>[0]): Promise<Window>;
  /** The same, where somebody is signed in already. */
  openAs(person: Person, options?: Parameters<Browser['newContext']>[0]): Promise<Window>;
  /** Another one approves what the owner asks for. @returns the link */
  invitationTo(email: string, role: string): Promise<string>;
  /** Another one approves what was asked for last in that kind, and it is done. */
  approveLast(kind: string): Promise<void>;
  /** Somebody new, who has signed in with a password and has no second factor yet. */
  invite(role: string): Promise<Person>;
  /** Somebody new, with a second factor and a session. */
  hire(role: string): Promise<Person>;
  close(): Promise<void>;
}

export interface Window {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained of: errors, and what the content security policy refused. */
  readonly complaints: readonly string[];
  go(path: string): Promise<void>;
  close(): Promise<void>;
}

/** @param options.messaging it has somebody who carries e-mails and SMS */
export async function openOffice({ messaging = false } = {}): Promise<Office> {
  const [system, browser] = await Promise.all([
    startSystem({ queue: 'postgresql', split: false, messaging }),
    launchBrowser(),
  ]);
  const url = system.urlOf('/backoffice');
  const owner = new Person(system.urlOf, system.adminEmail, system.adminPassword);
  const checker = await makePerson(system, 'owner');
  await Promise.all([owner.arrive(), checker.arrive()]);
  const invitationTo = async (email: string, role: string): Promise<string> => {
    const body = { email, name: 'Kofi Mensah', role };
    const ask = (maker: Person): ReturnType<typeof maker.post<Approval>> =>
      maker.post<Approval>('/admin/v1/invitations', body);
    const { shown_once: shown } = await approved(system, ask, { maker: owner, checker });
    return shown?.['accept_url'] ?? '';
  };
  const invite = async (role: string): Promise<Person> => {
    const person = new Person(
      system.urlOf,
      `${role}.${randomUUID()}@example.com`,
      `a long pass phrase ${randomUUID()}`,
    );
    const token = new URL(await invitationTo(person.email, role)).hash.slice(1);
    const accepted = { token, password: person.password };
    must(await createApiClient(system.urlOf).post('/admin/v1/invitations/accept', accepted), 200);
    return person;
  };
  const open: Office['open'] = async (options) => {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    return watch(context, await context.newPage(), url);
  };
  return {
    system,
    url,
    owner,
    open,
    openAs: async (person, options) => {
      const window = await open(options);
      const [name = '', value = ''] = (person.cookie ?? '').split('=', 2);
      // Browsers take it from this machine without TLS; the tool that puts it there wants to see some.
      const secure = url.replace('http:', 'https:');
      await window.context.addCookies([{ name, value, url: secure, httpOnly: true, secure: true, sameSite: 'Strict' }]);
      return window;
    },
    invitationTo,
    approveLast: async (kind) => {
      const path = `/admin/v1/approvals?kind=${kind}&state=pending`;
      // What a module asks reaches who decides as an event does.
      const id = await eventually(async () => {
        const [last] = must(await checker.get<{ data: Approval[] }>(path), 200).body.data;
        if (last === undefined) throw new Error('nothing is asked yet');
        return last.id;
      });
      expect(await approve(checker, id)).toMatchObject({ state: 'done' });
    },
    invite: async (role) => {
      const person = await invite(role);
      must(await person.signIn(), 201);
      return person;
    },
    hire: async (role) => {
      const person = await invite(role);
      await person.arrive();
      return person;
    },
    close: async () => {
      await browser.close();
      await system.close();
    },
  };
}

function watch(context: BrowserContext, page: Page, url: string): Window {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // That a call was refused is for the page to show.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  const refusals: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= HTTP_ERROR)
      refusals.push(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
  page.on('requestfailed', (request) =>
    refusals.push(`${request.failure()?.errorText ?? 'failed'} ${request.method()} ${request.url()}`),
  );
  const forget = onFailure(async () => {
    const shown = await page.locator(CONTENT).allInnerTexts();
    return [`${page.url()} showed:`, ...shown, 'Calls that failed there, the last ones:', ...refusals.slice(-9)].join(
      '\n',
    );
  });
  return {
    context,
    page,
    complaints,
    go: async (path) => void (await page.goto(`${url}/backoffice${path}`)),
    close: () => {
      forget();
      return context.close();
    },
  };
}

/** Nobody has used the person's session for too long. */
export async function letSessionGoIdle({ system }: Office, person: Person): Promise<void> {
  await system.database.query(`UPDATE access.session SET last_seen_at = now() - interval '1 day'`);
  // The process remembers each session for a second.
  await eventually(async () => must(await person.get('/admin/v1/session'), 401));
  await system.database.query(
    `UPDATE access.session SET last_seen_at = now() WHERE session_id NOT IN (
    SELECT session_id FROM access.session WHERE token_hash = sha256(convert_to($1, 'UTF8')))`,
    [person.cookie?.split('=')[1]],
  );
}

/** The last proof of the second factor was too long ago to authorise anything. */
export async function letProofsGoStale({ system, owner }: Office): Promise<void> {
  await system.database.query(
    `UPDATE access.session SET proved_at = now() - interval '1 hour' WHERE proved_at IS NOT NULL`,
  );
  await eventually(async () => {
    const { body } = must(await owner.get<{ proved_lately: boolean }>('/admin/v1/session'), 200);
    if (body.proved_lately) throw new Error('it still counts as fresh');
  });
}

/** Polls in the page's own time. */
export async function expectSoon(page: Page, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('It did not become so');
    await page.waitForTimeout(50);
  }
}
