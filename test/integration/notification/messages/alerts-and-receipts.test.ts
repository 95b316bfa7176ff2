import { accountSecured } from '../../../../src/contracts/auth.events.js';
import { accountDrifted } from '../../../../src/contracts/ledger.events.js';
import { breakerClosed, breakerOpened } from '../../../../src/contracts/routing.events.js';
import { coverageJudged, dayReported } from '../../../../src/contracts/reconciliation.events.js';
import { newUuid } from '../../../../src/kernel/ids/ids.js';
import type { StoredEvent } from '../../../../src/kernel/outbox/event.js';
import { newMasterKey } from '../../../../src/kernel/secrets/master-keys.js';
import { forgetMessages } from '../../../../src/modules/notification/messages/forget-messages.js';
import { resealContents } from '../../../../src/modules/notification/messages/message-content.js';
import { eventually } from '../../../support/eventually.js';
import { everythingIn, messagingSettings } from '../../../support/messaging.js';
import { startSandboxProgram, type SandboxProgram } from '../../../support/program.js';
import {
  ALERTS_EMAIL,
  ALERTS_PHONE,
  createMessageHarness,
  invitation,
  LINK,
  MASTER_KEY,
  passTime,
  payment,
  refund,
  storedEvent,
  storedMessages,
  type MessageHarness,
  type MessageProcess,
} from './message-harness.js';

const EMAIL = 'kofi.canary@example.com';
const PHONE = '+233247654321';

let sandbox: SandboxProgram;
let harness: MessageHarness;
let running: MessageProcess;

beforeAll(async () => {
  sandbox = await startSandboxProgram();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  harness = await createMessageHarness();
  running = harness.process({ ...messagingSettings(sandbox.messaging), ALERTS_EMAIL, ALERTS_PHONE });
  running.senders.start();
  await fetch(`${sandbox.controlUrl}/_messages`, { method: 'DELETE' });
});
afterEach(() => harness.close());

const first = <T>(list: readonly T[]): T => {
  const [item] = list;
  if (item === undefined) throw new Error('the list is empty');
  return item;
};

function day(openBreaks: number, date = '2026-11-27'): StoredEvent {
  return storedEvent(dayReported.type, {
    report_id: newUuid(),
    gateway: 'paystack',
    gateway_account_id: newUuid(),
    livemode: true,
    day: date,
    open_breaks: openBreaks,
    closed_breaks: 0,
  });
}

function coverage(status: string): StoredEvent {
  const amounts = { owed: 1_000, on_its_way: 0, held: 400, unproved: 0, shortfall: 600 };
  return storedEvent(coverageJudged.type, { check_id: newUuid(), livemode: true, currency: 'GHS', status, ...amounts });
}

function outage(type: string, change: object = {}): StoredEvent {
  return storedEvent(type, {
    gateway_account_id: newUuid(),
    gateway: 'paystack',
    account: 'main',
    livemode: true,
    network: 'GHS/mobile_money/mtn',
    opened_at: '2026-11-28T07:01:00.000Z',
    ...change,
  });
}

describe('alerts', () => {
  it('say which gateways are shut out, together, and that one works again', async () => {
    const everywhere = { gateway_account_id: null, gateway: null, account: null, livemode: null };
    await running.alerts(outage(breakerOpened.type), outage(breakerOpened.type, everywhere));
    await running.alerts(outage(breakerClosed.type, { closed_at: '2026-11-28T07:13:20.000Z' }));
    await passTime(harness.database);
    await eventually(async () => expect(await sandbox.messages(ALERTS_EMAIL)).toHaveLength(2));
    const mails = await sandbox.messages(ALERTS_EMAIL);
    const of = (subject: string): string => first(mails.filter((mail) => mail.subject === subject)).text;
    const out = of('Alert: gateways are shut out');
    expect(out).toContain('paystack/main, GHS/mobile_money/mtn, live: since 28 November 2026 at 07:01 UTC');
    expect(out).toContain('GHS/mobile_money/mtn, at every gateway');
    expect(of('Over: gateways work again')).toContain('after 13 min');
  });

  it('go to operations by both channels, and what is well is not told', async () => {
    const drifted = storedEvent(accountDrifted.type, {
      account_id: newUuid(),
      livemode: true,
      currency: 'XOF',
      kind: 'merchant_available',
      frozen: true,
      found_at: new Date().toISOString(),
      totals: [],
    });
    await running.alerts(day(0), coverage('covered'), coverage('unproved'));
    expect(await storedMessages(harness.database)).toEqual([]);
    await running.alerts(day(3), coverage('short'), drifted);
    await passTime(harness.database);
    await eventually(async () => expect(await sandbox.messages(ALERTS_EMAIL)).toHaveLength(3));
    await eventually(async () => expect(await sandbox.messages(ALERTS_PHONE)).toHaveLength(3));
    const texts = (await sandbox.messages()).map(({ text }) => text).join('\n');
    for (const part of [
      'paystack 2026-11-27: 3 breaks',
      'GHS 6.00 short',
      'frozen',
      'paystack, 2026-11-27, live: 3 open breaks',
    ])
      expect(texts).toContain(part);
  });

  it('of a storm are one message with their count, and then one in ten minutes', async () => {
    const other = harness.process({ ...messagingSettings(sandbox.messaging), ALERTS_EMAIL, ALERTS_PHONE });
    const days = Array.from({ length: 60 }, (_, index) => `2026-10-${String((index % 28) + 1).padStart(2, '0')}`);
    await Promise.all(days.map((date, index) => (index % 2 === 0 ? running : other).alerts(day(1, date))));
    expect((await storedMessages(harness.database)).map(({ count, channel }) => [channel, count]).toSorted()).toEqual([
      ['email', 60],
      ['sms', 60],
    ]);
    await passTime(harness.database);
    await eventually(async () => expect(await sandbox.messages(ALERTS_EMAIL)).toHaveLength(1));
    expect(first(await sandbox.messages(ALERTS_EMAIL)).text).toContain('And 50 more.');
    await eventually(async () =>
      expect((await storedMessages(harness.database)).map(({ state }) => state)).toEqual(['sent', 'sent']),
    );
    await Promise.all(days.map((date) => running.alerts(day(1, date))));
    const next = (await storedMessages(harness.database)).filter(({ state }) => state === 'queued');
    expect(next.map(({ count }) => count)).toEqual([60, 60]);
    for (const { wait_ms } of next) expect(wait_ms).toBeGreaterThan(590_000);
  });

  it('of an endpoint that was disabled also go to the merchant, where it has named somebody', async () => {
    const [merchantId, other] = [newUuid(), newUuid()];
    const nothing = { name: null, receiptsSms: false, receiptsEmail: false };
    await running.settings.put({ merchantId, livemode: true, language: 'fr', contactEmail: EMAIL, ...nothing });
    const disabled = [merchantId, other].map((id) => ({
      endpoint: { id: newUuid(), merchantId: id, livemode: true, status: 'disabled', reason: 'failing' as const },
      eventId: newUuid(),
    }));
    await running.transaction((tx) => running.tell.tell(tx, disabled));
    await passTime(harness.database);
    await eventually(async () => expect(await sandbox.messages(EMAIL)).toHaveLength(1));
    expect(first(await sandbox.messages(EMAIL)).text).toContain('elle échoue depuis cinq jours');
    await eventually(async () => expect(await sandbox.messages(ALERTS_EMAIL)).toHaveLength(1));
    expect(first(await storedMessages(harness.database)).count).toBe(2);
  });
});

describe('notices', () => {
  it.each([
    ['password_changed', 'Your password was changed'],
    ['second_factor_set_up', 'A second factor was set up'],
    ['second_factor_removed', 'Your second factor was removed'],
    ['recovery_code_used', 'A recovery code was used'],
    ['disabled', 'Your account was disabled'],
  ])('tell a person of %s', async (what, subject) => {
    const happened = { admin_id: newUuid(), email: EMAIL, name: 'Kofi', what, happened_at: '2026-11-28T07:01:00.000Z' };
    await running.admins(storedEvent(accountSecured.type, happened));
    const mail = await eventually(async () => first(await sandbox.messages(EMAIL)));
    expect(mail.subject).toBe(subject);
    expect(mail.text).toContain('Hello Kofi,');
    expect(mail.text).toContain('28 November 2026 at 07:01 UTC');
  });
});

describe('receipts', () => {
  async function choose(sms: boolean, email: boolean, language: 'en' | 'fr' = 'en'): Promise<string> {
    const merchantId = newUuid();
    const chosen = { name: 'Boutique Awa', receiptsSms: sms, receiptsEmail: email, contactEmail: null };
    await running.settings.put({ merchantId, livemode: true, language, ...chosen });
    return merchantId;
  }

  it('are sent to nobody unless the merchant has chosen so, for that mode and channel', async () => {
    const to = { email: EMAIL, phone: PHONE };
    await running.receipts(payment({ merchantId: newUuid(), ...to }));
    await running.receipts(payment({ merchantId: await choose(false, false), ...to }));
    await running.receipts(payment({ merchantId: await choose(true, true), livemode: false, ...to }));
    expect(await storedMessages(harness.database)).toEqual([]);
    await running.receipts(payment({ merchantId: await choose(true, false), ...to }));
    await running.receipts(payment({ merchantId: await choose(false, true), ...to }));
    expect((await storedMessages(harness.database)).map(({ channel }) => channel)).toEqual(['sms', 'email']);
  });

  it('say in French what was paid, and go to whoever paid', async () => {
    const merchantId = await choose(true, true, 'fr');
    await running.receipts(payment({ merchantId, email: EMAIL, phone: PHONE, amount: 1_500, currency: 'XOF' }));
    const sms = await eventually(async () => first(await sandbox.messages(PHONE)));
    expect(sms.text).toBe('Vous avez payé 1 500 XOF à Boutique Awa le 28/11/2026 07:01 UTC. Réf order-1.');
    const mail = await eventually(async () => first(await sandbox.messages(EMAIL)));
    expect(mail.subject).toBe('Reçu : 1\u00a0500\u00a0XOF à Boutique Awa');
    expect(mail.html).toContain('lang="fr"');
  });

  it('go nowhere that is no address', async () => {
    const merchantId = await choose(true, true);
    const odd = ['a@b.c, d@e.f', 'x@y.z\r\nBcc: all@example.com', '<a@b.c>', '0241234567', '+2332412345678901234'];
    await running.receipts(...odd.map((each) => payment({ merchantId, email: each, phone: each })));
    expect(await storedMessages(harness.database)).toEqual([]);
  });

  it('of a refund go to whom the payment was told, as long as they are known', async () => {
    const merchantId = await choose(true, false);
    const paymentId = newUuid();
    await running.receipts(payment({ merchantId, phone: PHONE, paymentId }));
    await running.receipts(refund(merchantId, paymentId));
    await eventually(async () => expect(await sandbox.messages(PHONE)).toHaveLength(2));
    expect((await sandbox.messages(PHONE)).map(({ text }) => text)).toContain(
      'Boutique Awa has refunded GHS 20.00 to you on 28/11/2026 08:01 UTC. Ref order-1.',
    );
    await harness.database.query('DELETE FROM notification.message_content');
    await running.receipts(refund(merchantId, paymentId));
    expect(await storedMessages(harness.database)).toHaveLength(2);
  });

  it('show nobody in the tables or in the names of metrics', async () => {
    const merchantId = await choose(true, true);
    await running.receipts(payment({ merchantId, email: EMAIL, phone: PHONE }));
    await eventually(async () =>
      expect((await storedMessages(harness.database)).map(({ state }) => state)).toEqual(['sent', 'sent']),
    );
    const rows = await everythingIn(harness.database);
    const seen = `${rows}\n${await running.metrics.registry.metrics()}`;
    for (const each of ['canary', PHONE, PHONE.slice(1)]) expect(seen).not.toContain(each);
    expect(seen).toContain('+233*******21');
    expect(seen).toContain('sankofa_messages_total{channel="sms",kind="receipt_payment",state="sent"} 1');
  });
});

describe('a channel that is off', () => {
  it('queues nothing, so that nothing is sent late when it is turned on', async () => {
    const off = harness.process({});
    const merchantId = newUuid();
    const chosen = { name: 'Awa', receiptsSms: true, receiptsEmail: true, contactEmail: EMAIL };
    await off.settings.put({ merchantId, livemode: true, language: 'en', ...chosen });
    await off.admins(await invitation(off.vault));
    await off.receipts(payment({ merchantId, email: EMAIL, phone: PHONE }));
    await off.alerts(day(3));
    expect(await storedMessages(harness.database)).toEqual([]);
  });

  it('is said at the start, and once', () => {
    const off = harness.process({});
    off.senders.start();
    off.senders.start();
    expect(off.logged).toEqual([
      'warn e-mail is off (SMTP_URL is not set): invitations are only shown to whoever invites {}',
      'info SMS is off (AFRICASTALKING_USERNAME is not set) {}',
      'warn alerts go to nobody (neither ALERTS_EMAIL nor ALERTS_PHONE is set) {}',
    ]);
    expect(running.logged).toEqual([]);
  });
});

describe('sending again', () => {
  it('makes a new message of the same, once, and not of what is under way or gone', async () => {
    await running.senders.stop();
    const merchantId = newUuid();
    const chosen = { name: 'Awa', receiptsSms: true, receiptsEmail: false, contactEmail: null };
    await running.settings.put({ merchantId, livemode: true, language: 'en', ...chosen });
    await running.receipts(payment({ merchantId, phone: PHONE }));
    const { id } = first(await storedMessages(harness.database));
    await expect(running.resend.execute(id)).rejects.toMatchObject({ code: 'message.under_way' });
    await harness.database.query(`UPDATE notification.message SET state = 'abandoned', next_attempt_at = NULL`);
    const results = await Promise.allSettled([running.resend.execute(id), running.resend.execute(id)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    harness.process(messagingSettings(sandbox.messaging)).senders.start();
    await eventually(async () =>
      expect((await storedMessages(harness.database)).map(({ state }) => state)).toEqual(['abandoned', 'sent']),
    );
    expect(await sandbox.messages(PHONE)).toHaveLength(1);
    await harness.database.query('DELETE FROM notification.message_content');
    await expect(running.resend.execute(id)).rejects.toMatchObject({ code: 'message.content_gone' });
    await expect(running.resend.execute(newUuid())).rejects.toMatchObject({ code: 'message.not_found' });
  });

  it('does not bring back the link of an invitation that was sent', async () => {
    await running.admins(await invitation(running.vault, { email: EMAIL }));
    const sent = await eventually(async () => {
      const message = first(await storedMessages(harness.database));
      expect(message.state).toBe('sent');
      return message;
    });
    await expect(running.resend.execute(sent.id)).rejects.toMatchObject({ code: 'message.content_gone' });
  });
});

describe('a new master key', () => {
  it('opens what waits, links too, once all was sealed anew', async () => {
    await running.senders.stop();
    await running.admins(await invitation(running.vault, { email: EMAIL }));
    const fresh = newMasterKey();
    const both = harness.process({ ...messagingSettings(sandbox.messaging), MASTER_KEYS: `${fresh},${MASTER_KEY}` });
    const reseal = () => resealContents(both.lists.database, both.vault);
    expect(await reseal()).toEqual({ resealed: 1, current: 0, failed: [] });
    expect(await reseal()).toEqual({ resealed: 0, current: 1, failed: [] });
    harness.process({ ...messagingSettings(sandbox.messaging), MASTER_KEYS: fresh }).senders.start();
    expect((await eventually(async () => first(await sandbox.messages(EMAIL)))).text).toContain(LINK);
  });
});

describe('after a while', () => {
  it('what is sealed goes when its time is over, and the message when it is old', async () => {
    await running.senders.stop();
    const database = harness.database;
    await running.admins(await invitation(running.vault), await invitation(running.vault));
    const [one, other] = await storedMessages(database);
    await database.query(`UPDATE notification.message_content SET erase_at = now() WHERE message_id = $1`, [one?.id]);
    await database.query(
      `INSERT INTO notification.addressee_allowance VALUES ('\\x00', now() - interval '3 hours', 1)`,
    );
    await running.transaction((tx) => forgetMessages({ database: tx, keepDays: 7 }));
    expect((await storedMessages(database)).map(({ has_content }) => has_content)).toEqual([false, true]);
    expect(await database.query('SELECT FROM notification.addressee_allowance')).toEqual([]);
    await running.transaction((tx) => forgetMessages({ database: tx, keepDays: 7 }, Date.now() + 8 * 86_400_000));
    expect(await storedMessages(database)).toEqual([]);
    expect(other).toBeDefined();
  });
});
