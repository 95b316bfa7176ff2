/** Merchants' members: who is told of what, once, and who is told nothing more. */
import {
  apiKeyCreated,
  apiKeyRevoked,
  apiKeyRolled,
  memberContactPlace,
  merchantMemberChanged,
  merchantMemberRemoved,
} from '../../../../src/contracts/auth.events.js';
import { payoutFailed, payoutReturned } from '../../../../src/contracts/payments.events.js';
import { newUuid } from '../../../../src/kernel/ids/ids.js';
import type { StoredEvent } from '../../../../src/kernel/outbox/event.js';
import { newMasterKey } from '../../../../src/kernel/secrets/master-keys.js';
import { openContact, resealMembers } from '../../../../src/modules/notification/messages/members/member-contact.js';
import { everythingIn, messagingSettings } from '../../../support/messaging.js';
import {
  createMessageHarness,
  MASTER_KEY,
  storedEvent,
  storedMessages,
  type MessageHarness,
  type MessageProcess,
} from './message-harness.js';

/** Nobody sends here: what is queued is looked at. */
const SETTINGS = messagingSettings({ africastalking: 'http://127.0.0.1:9', smtp: 'smtp://127.0.0.1:9' });

let harness: MessageHarness;
let running: MessageProcess;
let merchantId: string;

beforeEach(async () => {
  harness = await createMessageHarness();
  running = harness.process(SETTINGS);
  merchantId = newUuid();
});
afterEach(() => harness.close());

const hear = (...events: readonly StoredEvent[]): Promise<void> => hearIn(running, ...events);
const hearIn = (process: MessageProcess, ...events: readonly StoredEvent[]): Promise<void> =>
  process.transaction((tx) => process.members.handle(tx, events));

interface Person {
  readonly id: string;
  readonly email: string;
  readonly phone?: string;
  readonly subjects: readonly string[];
  readonly version?: number;
  readonly language?: 'en' | 'fr';
}

async function changed(person: Person): Promise<StoredEvent> {
  const { id, email, phone = null, subjects, version = 1, language = 'en' } = person;
  const sealedContact = await running.vault.seal(
    JSON.stringify({ email, name: 'Ama Canary', phone }),
    memberContactPlace(id),
  );
  const payload = merchantMemberChanged.schema.parse({
    member_id: id,
    merchant_id: merchantId,
    version,
    what: version === 1 ? 'added' : 'changed',
    language,
    subjects,
    sealed_contact: sealedContact,
  });
  return storedEvent(merchantMemberChanged.type, payload, merchantId);
}

/** Known already: that an owner hears of being added is not what is looked at. */
async function member(email: string, subjects: readonly string[], more: Partial<Person> = {}): Promise<string> {
  const id = newUuid();
  await hear(await changed({ id, email, subjects, ...more }));
  await harness.database.query('DELETE FROM notification.message');
  return id;
}

const removed = (id: string, version = 2): StoredEvent =>
  storedEvent(merchantMemberRemoved.type, { member_id: id, merchant_id: merchantId, version }, merchantId);
const keyMade = (more: object = {}): StoredEvent => {
  const key = { key_id: newUuid(), merchant_id: merchantId, livemode: true, key_hash: 'a'.repeat(64), ...more };
  return storedEvent(apiKeyCreated.type, apiKeyCreated.schema.parse({ ...key, platform_fee_bps: 0 }), merchantId);
};
const payout = (type: string, more: object = {}): StoredEvent =>
  storedEvent(
    type,
    { payout_id: newUuid(), livemode: true, amount: 5_000, currency: 'GHS', resource: {}, ...more },
    merchantId,
  );

/** `<kind> <channel> <masked address>` of each, sorted. */
async function told(): Promise<readonly string[]> {
  const rows = await harness.database.query<{ text: string }>(
    `SELECT kind || ' ' || channel || ' ' || addressee AS text FROM notification.message WHERE state <> 'abandoned'`,
  );
  return rows.map(({ text }) => text).toSorted();
}

describe('a member', () => {
  it('is told of their subjects, an owner of all of it, and members of other merchants of nothing', async () => {
    await member('technical@a.example', ['technical']);
    await member('finance@b.example', ['finance']);
    await member('owner@c.example', ['owner']);
    const own = merchantId;
    merchantId = newUuid();
    await member('stranger@d.example', ['technical', 'finance', 'owner']);
    merchantId = own;
    const expiresAt = new Date().toISOString();
    await hear(
      keyMade(),
      keyMade({ replaces: newUuid() }),
      storedEvent(apiKeyRolled.type, { key_id: newUuid(), replaced_by: newUuid(), expires_at: expiresAt }, merchantId),
      storedEvent(apiKeyRevoked.type, { key_id: newUuid() }, merchantId),
      payout(payoutFailed.type, { failure_code: 'beneficiary_invalid' }),
      payout(payoutReturned.type),
      removed(newUuid()),
    );
    const endpoint = { id: newUuid(), merchantId, livemode: true, status: 'disabled', reason: 'gone' as const };
    await running.transaction((tx) => running.tell.tell(tx, [{ endpoint, eventId: newUuid() }]));
    const technical = ['api_key_created', 'api_key_revoked', 'api_key_rolled', 'endpoint_disabled'];
    const finance = ['payout_failed', 'payout_returned'];
    const to = (kinds: readonly string[], address: string) => kinds.map((kind) => `member_${kind} email ${address}`);
    expect(await told()).toEqual(
      [
        ...to(technical, 't***@a.example'),
        ...to(finance, 'f***@b.example'),
        ...to([...technical, ...finance, 'members_changed'], 'o***@c.example'),
      ].toSorted(),
    );
  });

  it('is told once of each event, by each channel they can be reached at, however often it is heard', async () => {
    await member('ama@example.com', ['technical'], { phone: '+233241234567' });
    const event = keyMade();
    await hear(event);
    await hear(event, event);
    await Promise.all([hear(event), hear(event)]);
    expect(await told()).toEqual([
      'member_api_key_created email a***@example.com',
      'member_api_key_created sms +233*******67',
    ]);
  });

  it('is told of what comes with them, and not of what came before them', async () => {
    const event = await changed({ id: newUuid(), email: 'ama@example.com', subjects: ['technical'] });
    await hear(keyMade());
    await hear(keyMade(), event);
    expect(await told()).toEqual(['member_api_key_created email a***@example.com']);
  });

  it('is told of many payouts together, with how many they are', async () => {
    await member('finance@example.com', ['finance']);
    await hear(
      ...Array.from({ length: 25 }, () => payout(payoutFailed.type, { failure_code: 'insufficient_funds' })),
      payout(payoutFailed.type, { failure_code: 'insufficient_funds', livemode: false }),
    );
    const rows = await harness.database.query<{ livemode: boolean; total: number; shown: number }>(
      `SELECT livemode, (data ->> 'total')::integer AS total, jsonb_array_length(data -> 'payouts') AS shown
         FROM notification.message ORDER BY livemode`,
    );
    expect(rows).toEqual([
      { livemode: false, total: 1, shown: 1 },
      { livemode: true, total: 25, shown: 10 },
    ]);
  });

  it('is as the highest version says, in whatever order they are heard', async () => {
    const id = newUuid();
    const [first, second] = [
      await changed({ id, email: 'first@example.com', subjects: ['technical'] }),
      await changed({ id, email: 'second@example.com', subjects: ['technical'], version: 2, language: 'fr' }),
    ];
    await hear(second);
    await hear(first);
    await hear(keyMade());
    const rows = await harness.database.query('SELECT addressee, language FROM notification.message');
    expect(rows).toEqual([{ addressee: 's***@example.com', language: 'fr' }]);
  });

  it('who is removed gets nothing more: neither what waits, nor what comes, nor by an event that is late', async () => {
    const id = newUuid();
    const added = await changed({ id, email: 'leaving@example.com', subjects: ['technical'] });
    await hear(added);
    await hear(keyMade());
    const [waiting] = await storedMessages(harness.database);
    expect(waiting).toMatchObject({ state: 'queued', has_content: true });
    await hear(removed(id));
    expect(await storedMessages(harness.database)).toMatchObject([
      { state: 'abandoned', last_error: 'member_removed', has_content: false },
    ]);
    await hear(keyMade());
    await hear(added);
    await hear(keyMade());
    expect(await told()).toEqual([]);
    await expect(running.resend.execute(String(waiting?.id))).rejects.toMatchObject({ code: 'message.content_gone' });
    const [left] = await harness.database.query('SELECT version, language, subjects, sealed FROM notification.member');
    expect(left).toEqual({ version: 2, language: null, subjects: null, sealed: null });
  });

  it('gets nothing more also where a notice is made while they are removed', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await member(`leaving${round}@example.com`, ['technical']);
      await Promise.all([hear(keyMade()), hear(removed(id)), hear(keyMade())]);
      expect(await told()).toEqual([]);
    }
  });

  it('lies nowhere in clear', async () => {
    await member('ama.canary@example.com', ['owner'], { phone: '+233241234567' });
    await hear(keyMade());
    const left = [await everythingIn(harness.database, 'notification.%'), ...running.logged].join('\n');
    expect(left).toContain('a***@example.com');
    expect(left).not.toMatch(/ama\.canary|Ama Canary|233241234567/);
  });

  it('is kept while nothing is sent, and told nothing of that time', async () => {
    const silent = harness.process({});
    const id = newUuid();
    await hearIn(silent, await changed({ id, email: 'ama@example.com', subjects: ['technical'] }));
    await hearIn(silent, keyMade());
    expect(await told()).toEqual([]);
    await hear(keyMade());
    expect(await told()).toHaveLength(1);
  });

  it('who cannot be opened is left out, and does not keep others from being told', async () => {
    await member('ama@example.com', ['technical']);
    const stranger = harness.process({ ...SETTINGS, MASTER_KEYS: newMasterKey() });
    await hearIn(stranger, keyMade());
    expect(await told()).toEqual([]);
    expect(stranger.logged.join('\n')).toContain("a merchant's member is told nothing");
    await hear(keyMade());
    expect(await told()).toHaveLength(1);
  });

  it('is sealed anew under another master key', async () => {
    const id = await member('ama@example.com', ['technical']);
    await hear(removed(newUuid()));
    const other = newMasterKey();
    const { vault } = harness.process({ MASTER_KEYS: `${other},${MASTER_KEY}` });
    const { databases } = running;
    expect(await resealMembers(databases.of('notification'), vault)).toEqual({ resealed: 1, current: 0, failed: [] });
    expect(await resealMembers(databases.of('notification'), vault)).toEqual({ resealed: 0, current: 1, failed: [] });
    const [row] = await harness.database.query<{ sealed: never }>(
      'SELECT sealed FROM notification.member WHERE id = $1',
      [id],
    );
    const alone = harness.process({ MASTER_KEYS: other });
    if (row === undefined) throw new Error('they are gone');
    expect(await openContact(alone.vault, id, row.sealed)).toMatchObject({ email: 'ama@example.com' });
    await expect(openContact(running.vault, id, row.sealed)).rejects.toThrow('which MASTER_KEYS lacks');
  });
});
