import { SMTPServer } from 'smtp-server';
import { newUuid } from '../../../../src/kernel/ids/ids.js';
import { newMasterKey } from '../../../../src/kernel/secrets/master-keys.js';
import { PER_HOUR } from '../../../../src/modules/notification/messages/message-sender.js';
import { eventually } from '../../../support/eventually.js';
import { freePort } from '../../../support/free-port.js';
import { everythingIn, messagingSettings } from '../../../support/messaging.js';
import { startSandboxProgram, type SandboxProgram } from '../../../support/program.js';
import {
  createMessageHarness,
  invitation,
  LINK,
  passTime,
  payment,
  storedMessages,
  type MessageHarness,
  type MessageProcess,
} from './message-harness.js';

let sandbox: SandboxProgram;
let harness: MessageHarness;
let running: MessageProcess;

const EMAIL = 'kofi.canary@example.com';
const PHONE = '+233247654321';

beforeAll(async () => {
  sandbox = await startSandboxProgram();
});
afterAll(() => sandbox.stop());

beforeEach(async () => {
  harness = await createMessageHarness();
  running = harness.process(messagingSettings(sandbox.messaging));
  running.senders.start();
  await fetch(`${sandbox.controlUrl}/_messages`, { method: 'DELETE' });
});
afterEach(async () => {
  await sandbox.clearFaults();
  await harness.close();
});

async function withReceipts(language: 'en' | 'fr' = 'en', merchantId = newUuid()): Promise<string> {
  const chosen = { name: 'Boutique Awa', receiptsSms: true, receiptsEmail: true, contactEmail: null };
  await running.settings.put({ merchantId, livemode: true, language, ...chosen });
  return merchantId;
}

const statesOf = async () => (await storedMessages(harness.database)).map(({ state }) => state);
const first = <T>(list: readonly T[]): T => {
  const [item] = list;
  if (item === undefined) throw new Error('the list is empty');
  return item;
};
const only = async () => first(await storedMessages(harness.database));

describe('an invitation', () => {
  it('arrives with its link, and neither link nor address is anywhere afterwards', async () => {
    await running.admins(await invitation(running.vault, { email: EMAIL }));
    const sent = await eventually(async () => first(await sandbox.messages(EMAIL)));
    expect(sent).toMatchObject({ subject: 'You are invited to Sankofa', from: 'payments@example.com' });
    expect(sent.text).toContain(LINK);
    expect(sent.html).toContain(`href="${LINK}"`);
    expect(sent.headers?.['auto-submitted']).toBe('auto-generated');
    await eventually(async () =>
      expect(await only()).toMatchObject({ state: 'sent', attempts: 1, has_content: false }),
    );
    const rows = await everythingIn(harness.database);
    for (const secret of ['canary', Buffer.from('canary').toString('base64').slice(0, 6)])
      expect(rows).not.toContain(secret);
    expect(rows).toContain('k***@example.com');
  });

  it('lies sealed while it waits, and whoever lacks the master key says so and sends nothing', async () => {
    const stranger = harness.process({ ...messagingSettings(sandbox.messaging), MASTER_KEYS: newMasterKey() });
    await running.senders.stop();
    await running.admins(await invitation(running.vault, { email: EMAIL }));
    expect(await everythingIn(harness.database)).not.toContain('canary');
    stranger.senders.start();
    await eventually(async () => expect(await only()).toMatchObject({ state: 'failed', last_error: 'cannot_open' }));
    expect(await sandbox.messages(EMAIL)).toEqual([]);
  });

  it('is not sent once its link is of no use any more', async () => {
    await running.senders.stop();
    await running.admins(await invitation(running.vault, { email: EMAIL, lastsMs: 100 }));
    await harness.database.query(`UPDATE notification.message SET expires_at = now() - interval '1 minute'`);
    harness.process(messagingSettings(sandbox.messaging)).senders.start();
    await eventually(async () => expect(await only()).toMatchObject({ state: 'abandoned', last_error: 'expired' }));
    expect(await sandbox.messages(EMAIL)).toEqual([]);
  });

  it('is not called by a name that is no name', async () => {
    await running.admins(await invitation(running.vault, { email: EMAIL, name: 'Win at https://evil.example <b>' }));
    const sent = await eventually(async () => first(await sandbox.messages(EMAIL)));
    expect(`${sent.text}${sent.html}`).not.toContain('evil');
    expect(sent.text).toContain('Hello,');
  });
});

describe('an event that is heard again', () => {
  it('is sent once, also by two who hear it at a time', async () => {
    const merchantId = await withReceipts();
    const event = payment({ merchantId, phone: PHONE, email: EMAIL });
    const other = harness.process(messagingSettings(sandbox.messaging));
    other.senders.start();
    await Promise.all([running.receipts(event), other.receipts(event), running.receipts(event)]);
    await eventually(async () => expect(await statesOf()).toEqual(['sent', 'sent']));
    expect(await sandbox.messages(PHONE)).toHaveLength(1);
    expect(await sandbox.messages(EMAIL)).toHaveLength(1);
  });

  it('is shared by two senders without anything going out twice', async () => {
    const merchantId = await withReceipts();
    const other = harness.process(messagingSettings(sandbox.messaging));
    other.senders.start();
    const phones = Array.from({ length: 40 }, (_, index) => `+2332400000${String(index).padStart(2, '0')}`);
    await running.receipts(...phones.map((phone) => payment({ merchantId, phone })));
    await eventually(async () => expect(new Set(await statesOf())).toEqual(new Set(['sent'])));
    expect((await sandbox.messages()).map(({ to }) => to).toSorted()).toEqual(phones);
  });
});

describe('when nobody knows whether it was taken', () => {
  it.each(['error_5xx_after_charge', 'garbage'])('a receipt by SMS is not sent again: %s', async (fault) => {
    await sandbox.setFault({ gateway: 'africastalking', fault });
    await running.receipts(payment({ merchantId: await withReceipts(), phone: PHONE }));
    await eventually(async () =>
      expect(await only()).toMatchObject({ state: 'abandoned', attempts: 1, outcomes: ['unknown'] }),
    );
    await passTime(harness.database);
    expect(await sandbox.messages(PHONE)).toHaveLength(1);
  });

  it('a receipt whose sender died is not sent again', async () => {
    await running.senders.stop();
    await running.receipts(payment({ merchantId: await withReceipts(), phone: PHONE }));
    // As a process leaves it that was killed between the provider's answer and the commit.
    await harness.database.query(
      `UPDATE notification.message SET state = 'sending', claims = 1, next_attempt_at = now() - interval '1 second'`,
    );
    harness.process(messagingSettings(sandbox.messaging)).senders.start();
    await eventually(async () =>
      expect(await only()).toMatchObject({ state: 'abandoned', last_error: 'interrupted', outcomes: ['unknown'] }),
    );
    expect(await sandbox.messages(PHONE)).toEqual([]);
  });

  it('an alert is sent again', async () => {
    await sandbox.setFault({ gateway: 'africastalking', fault: 'error_5xx_after_charge' });
    const told = harness.process({ ...messagingSettings(sandbox.messaging), ALERTS_PHONE: PHONE });
    await told.transaction((tx) =>
      told.messages.alert(tx, 'alert_funds_short', [{ livemode: true, currency: 'GHS', shortfall: 100 }], newUuid()),
    );
    await passTime(harness.database);
    await eventually(async () => expect(await only()).toMatchObject({ state: 'queued', outcomes: ['unknown'] }));
    await sandbox.clearFaults();
    await passTime(harness.database);
    await eventually(async () => expect(await only()).toMatchObject({ state: 'sent', outcomes: ['unknown', 'sent'] }));
    expect(await sandbox.messages(PHONE)).toHaveLength(2);
  });

  it('an invitation whose sender died is sent again', async () => {
    await running.senders.stop();
    await running.admins(await invitation(running.vault, { email: EMAIL }));
    // As a process leaves it that was killed between the server's answer and the commit.
    await harness.database.query(
      `UPDATE notification.message SET state = 'sending', claims = 1, next_attempt_at = now() - interval '1 second'`,
    );
    harness.process(messagingSettings(sandbox.messaging)).senders.start();
    await eventually(async () => expect(await only()).toMatchObject({ state: 'sent', outcomes: ['unknown', 'sent'] }));
    expect(await sandbox.messages(EMAIL)).toHaveLength(1);
  });
});

describe('a provider that refuses', () => {
  it('is not asked again about a number that it will not send to', async () => {
    await sandbox.setFault({ gateway: 'africastalking', fault: 'decline', code: '403' });
    await running.receipts(payment({ merchantId: await withReceipts(), phone: PHONE }));
    await eventually(async () => expect(await only()).toMatchObject({ state: 'failed', last_error: 'status_403' }));
  });

  it.each([
    ['has run out of our money', { fault: 'decline', code: '405' }, 'status_405'],
    ['does not answer the door', { fault: 'refuse' }, 'connection_refused'],
  ])('is asked again when it %s', async (_, fault, error) => {
    await sandbox.setFault({ gateway: 'africastalking', ...fault });
    await running.receipts(payment({ merchantId: await withReceipts(), phone: PHONE }));
    const waiting = await eventually(async () => {
      const message = await only();
      expect(message).toMatchObject({ state: 'queued', last_error: error });
      return message;
    });
    expect(waiting.wait_ms).toBeLessThanOrEqual(10_000);
    await sandbox.clearFaults();
    await passTime(harness.database);
    await eventually(async () => expect(await statesOf()).toEqual(['sent']));
    expect(await sandbox.messages(PHONE)).toHaveLength(1);
  });
});

describe('a mail server', () => {
  async function processWithSmtp(port: number): Promise<MessageProcess> {
    await running.senders.stop();
    const made = harness.process({
      ...messagingSettings(sandbox.messaging),
      SMTP_URL: `smtp://127.0.0.1:${port}`,
    });
    made.senders.start();
    return made;
  }

  function listen(server: SMTPServer, port: number): Promise<SMTPServer> {
    server.on('error', () => undefined);
    return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
  }
  const close = (server: SMTPServer): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  const PLAIN = { disabledCommands: ['AUTH', 'STARTTLS'], closeTimeout: 100 };

  it('that is down is tried again until it is up', async () => {
    const port = await freePort();
    const told = await processWithSmtp(port);
    await told.admins(await invitation(told.vault, { email: EMAIL }));
    await eventually(async () => expect(await only()).toMatchObject({ state: 'queued', last_error: 'connection' }));
    const mails: string[] = [];
    const server = await listen(
      new SMTPServer({
        ...PLAIN,
        onData: (stream, session, done) => {
          stream.resume().on('end', () => {
            mails.push(...session.envelope.rcptTo.map(({ address }) => address));
            done();
          });
        },
      }),
      port,
    );
    await passTime(harness.database);
    await eventually(async () => expect(await statesOf()).toEqual(['sent']));
    expect(mails).toEqual([EMAIL]);
    await close(server);
  });

  it.each([
    [550, { state: 'failed', last_error: 'smtp_550' }],
    [451, { state: 'queued', last_error: 'smtp_451' }],
  ])('that answers %i to the recipient decides whether it is tried again', async (responseCode, expected) => {
    const port = await freePort();
    const refuse = Object.assign(new Error('not here: kofi.canary@example.com'), { responseCode });
    const server = await listen(new SMTPServer({ ...PLAIN, onRcptTo: (_, __, done) => done(refuse) }), port);
    const told = await processWithSmtp(port);
    await told.admins(await invitation(told.vault, { email: EMAIL }));
    await eventually(async () => expect(await only()).toMatchObject(expected));
    expect(`${await everythingIn(harness.database)}${told.logged.join('')}`).not.toContain('canary');
    if (expected.state === 'failed') await eventually(() => expect(told.logged.join('')).toContain('smtp_550'));
    await close(server);
  });

  it('that hangs up after it has got the mail may have it: a receipt is not repeated, an invitation is', async () => {
    const port = await freePort();
    const server = await listen(
      new SMTPServer({
        ...PLAIN,
        onData: (stream) => {
          stream.resume().on('end', () => {
            for (const connection of server.connections)
              (connection as unknown as { _socket: { destroy(): void } })._socket.destroy();
          });
        },
      }),
      port,
    );
    const told = await processWithSmtp(port);
    await told.receipts(payment({ merchantId: await withReceipts(), email: EMAIL }));
    await eventually(async () => expect(await only()).toMatchObject({ state: 'abandoned', outcomes: ['unknown'] }));
    await told.admins(await invitation(told.vault, { email: EMAIL }));
    await eventually(async () => expect(await statesOf()).toEqual(['abandoned', 'queued']));
    await close(server);
  });
});

describe('an addressee', () => {
  it('is not flooded: what is beyond the hour waits for the next, and others do not', async () => {
    const merchantId = await withReceipts();
    const other = harness.process(messagingSettings(sandbox.messaging));
    other.senders.start();
    const flood = Array.from({ length: PER_HOUR + 15 }, () => payment({ merchantId, phone: PHONE }));
    await running.receipts(...flood);
    await running.receipts(payment({ merchantId, phone: '+233240000099' }));
    await eventually(async () => expect(await sandbox.messages('+233240000099')).toHaveLength(1));
    await eventually(async () => {
      const states = await statesOf();
      expect(states.filter((state) => state === 'sent')).toHaveLength(PER_HOUR + 1);
    });
    const waiting = (await storedMessages(harness.database)).filter(({ state }) => state === 'queued');
    expect(waiting).toHaveLength(15);
    await eventually(async () => {
      const held = (await storedMessages(harness.database)).filter(
        ({ last_error }) => last_error === 'addressee_limit',
      );
      expect(held).toHaveLength(15);
    });
    expect(await sandbox.messages(PHONE)).toHaveLength(PER_HOUR);
    await harness.database.query(`UPDATE notification.addressee_allowance SET hour = hour - interval '1 hour'`);
    await passTime(harness.database);
    await eventually(async () => expect(await sandbox.messages(PHONE)).toHaveLength(2 * PER_HOUR));
  });
});
