/** E-mail and SMS of the whole installation: what people get, what operators see of it, and what is left behind. */
import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { everythingIn } from '../support/messaging.js';
import type { SentMessage } from '../support/program.js';
import { describeInEachMode } from './support/modes.js';
import { newMerchant } from './support/merchants.js';
import { mobileMoney } from './support/payments.js';
import { startSystem, type System } from './support/system.js';
import { approved, twoPeople } from './support/two-people.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const ALERTS_EMAIL = 'operations@example.com';

interface Message {
  readonly id: string;
  readonly kind: string;
  readonly channel: string;
  readonly state: string;
  readonly addressee: string;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly provider_id: string | null;
}
interface List {
  readonly data: readonly Message[];
  readonly has_more: boolean;
}

describeInEachMode('E-mail and SMS', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ ...mode, messaging: true, env: { ALERTS_EMAIL } });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);
  afterEach(() => system.sandbox.clearFaults());

  const arrived = (to: string): Promise<SentMessage> =>
    eventually(
      async () => {
        const [message] = await system.sandbox.messages(to);
        if (message === undefined) throw new Error(`nothing was sent to ${to}`);
        return message;
      },
      { timeoutMs: 30_000 },
    );
  const choose = (receipts: { sms: boolean; email: boolean }, language = 'en') =>
    system.merchant.put('/v1/notification_settings', { receipts, language, name: 'Boutique Awa' });
  const messages = async (query: string): Promise<List> =>
    (await system.admin.get<List>(`/admin/v1/messages?${query}`)).body;

  async function pay(reference: string, phone: string, email?: string): Promise<string> {
    const customer = { phone, name: 'Ama', ...(email === undefined ? {} : { email }) };
    const body = { ...mobileMoney({ reference, amount: 5_000, currency: 'GHS' }), customer };
    const answer = await system.merchant.post('/v1/payments', body, { idempotencyKey: reference });
    if (answer.status !== 202) throw new Error(answer.text);
    return String(answer.body['id']);
  }

  /** Names and values of all that Redis holds. */
  async function everythingInRedis(): Promise<string> {
    if (system.redis === undefined) return '';
    const redis = new Redis(system.redis.url);
    try {
      const keys = await redis.keys('*');
      const values = await Promise.all(keys.map((key) => redis.dump(key)));
      return [...keys, ...values.map((value) => value ?? '')].join('\n');
    } finally {
      redis.disconnect();
    }
  }

  it(
    'brings an invitation with the link that lets a person in, and the link is nowhere else',
    async () => {
      const email = 'new.person@example.com';
      const asked = { email, name: 'Esi Owusu', role: 'support' };
      const done = await approved(system, (maker) => maker.post('/admin/v1/invitations', asked));
      const url = String(done.shown_once?.['accept_url']);
      const mail = await arrived(email);
      expect(mail.text).toContain(url);
      expect(mail.text).toContain('Hello Esi Owusu,');
      const token = url.slice(url.indexOf('#') + 1);
      await eventually(async () => expect((await messages('kind=admin_invited')).data[0]?.state).toBe('sent'));
      const left = [await everythingIn(system.database), await everythingInRedis(), system.logs()].join('\n');
      expect(left).not.toContain(token);
      expect(left).toContain('n***@example.com');
      const audited = await system.admin.get('/admin/v1/audit_entries?type=auth.admin_invited.v1');
      expect(audited.text).toContain(email);
      expect(audited.text).not.toContain('ciphertext');
      const accepted = await fetch(`${system.urlOf('/admin/v1/invitations')}/admin/v1/invitations/accept`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token, password: 'a long walk by the lagoon' }),
      });
      expect(accepted.status).toBe(200);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'tells a person that a second factor was set up for them',
    async () => {
      const { maker } = await twoPeople(system);
      expect((await arrived(maker.email)).subject).toBe('A second factor was set up');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'tells customers what they have paid and got back, once their merchant wants that',
    async () => {
      const [phone, email] = ['+233247000001', 'customer.one@example.com'];
      expect((await system.merchant.get('/v1/notification_settings')).body).toMatchObject({
        receipts: { sms: false, email: false },
        language: 'en',
      });
      await pay('messages-off', phone, email);
      // What the merchant has been told of, this module has heard of.
      await eventually(() =>
        expect(system.receiver.deliveries.some(({ body }) => body.includes('messages-off'))).toBe(true),
      );
      expect((await choose({ sms: true, email: true }, 'fr')).status).toBe(200);
      const payment = await pay('messages-on', phone, email);
      expect((await arrived(phone)).text).toMatch(
        /^\[TEST\] Vous avez payé 50,00 GHS à Boutique Awa le .* UTC\. Réf messages-on\.$/,
      );
      expect((await arrived(email)).text).toContain('aucun argent');
      const refund = await system.merchant.post(
        `/v1/payments/${payment}/refunds`,
        { amount: 1_000 },
        { idempotencyKey: 'messages-refund' },
      );
      expect(refund.status).toBe(202);
      await eventually(async () => expect(await system.sandbox.messages(phone)).toHaveLength(2), { timeoutMs: 60_000 });
      expect((await system.sandbox.messages(phone))[1]?.text).toContain('vous a remboursé 10,00 GHS');
      const left = [
        await everythingIn(system.database, 'notification.message%', 'notification.a%'),
        system.logs(),
      ].join('\n');
      expect(left).not.toContain('customer.one');
      const listed = await messages('channel=sms&state=sent&kind=receipt_payment');
      expect(listed.data).toMatchObject([{ addressee: '+233*******01', attempts: 1, provider_id: expect.any(String) }]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'sends a receipt once though the process dies between the SMS and the commit',
    async () => {
      const phone = '+233247000002';
      await choose({ sms: true, email: false });
      // Taken at once, and answered long after the process is dead.
      await system.sandbox.setFault({ gateway: 'africastalking', fault: 'slow', ms: 20_000 });
      await pay('messages-crash', phone);
      await arrived(phone);
      await system.kill9();
      await system.sandbox.clearFaults();
      await system
        .databaseOf('notification')
        .query(`UPDATE notification.message SET next_attempt_at = now() - interval '1 second' WHERE state = 'sending'`);
      await system.restart();
      const ended = await eventually(
        async () => {
          const [message] = (await messages('state=abandoned')).data;
          if (message === undefined) throw new Error('it is still under way');
          return message;
        },
        { timeoutMs: 60_000 },
      );
      expect(ended).toMatchObject({ kind: 'receipt_payment', last_error: 'interrupted' });
      expect(await system.sandbox.messages(phone)).toHaveLength(1);
      const read = await system.admin.get(`/admin/v1/messages/${ended.id}`);
      expect(read.body).toMatchObject({ log: [{ attempt: 1, outcome: 'unknown', error: 'interrupted' }] });
      // Whoever knows that it did not arrive has it sent again.
      expect((await system.admin.post(`/admin/v1/messages/${ended.id}/resend`)).status).toBe(202);
      await eventually(async () => expect(await system.sandbox.messages(phone)).toHaveLength(2));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shows operators what was sent, page by page, and nobody else',
    async () => {
      const page = await messages('limit=1');
      expect(page.has_more).toBe(true);
      const next = await messages(`limit=1&starting_after=${page.data[0]?.id ?? ''}`);
      expect(next.data[0]?.id).not.toBe(page.data[0]?.id);
      expect((await messages(`ending_before=${next.data[0]?.id ?? ''}&limit=1`)).data[0]?.id).toBe(page.data[0]?.id);
      const now = new Date();
      expect((await messages(`created_after=${now.toISOString()}`)).data).toEqual([]);
      expect((await messages(`created_before=${now.toISOString()}`)).data.length).toBeGreaterThan(2);
      for (const query of ['state=lost', 'channel=post', 'kind=x', 'created_after=yesterday'])
        expect((await system.admin.get(`/admin/v1/messages?${query}`)).status).toBe(400);
      expect((await system.admin.get('/admin/v1/messages/msg_nothing')).body).toMatchObject({
        code: 'message.not_found',
      });
      expect((await system.merchant.get('/admin/v1/messages')).status).toBe(403);
      const [invited] = (await messages('kind=admin_invited')).data;
      const again = await system.admin.post(`/admin/v1/messages/${invited?.id ?? ''}/resend`);
      expect(again.body).toMatchObject({ status: 409, code: 'message.content_gone' });
      const metrics = await (await fetch(`${system.programOf('notification').url}/metrics`)).text();
      expect(metrics).toContain('sankofa_message_oldest_queued_seconds 0');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "tells a merchant's members of keys by their subjects, and who was removed nothing more",
    async () => {
      const { id } = await newMerchant(system);
      const path = `/admin/v1/merchants/${id}/members`;
      const [technical, finance, owner] = ['tech.one@example.com', 'finance.one@example.com', 'owner.one@example.com'];
      const phone = '+233247000077';
      const add = (body: object) => system.admin.post(path, body);
      const added = await add({
        email: technical,
        language: 'fr',
        subjects: ['technical'],
        name: 'Kofi Boateng',
        phone,
      });
      expect(added.status).toBe(201);
      expect((await add({ email: finance, language: 'en', subjects: ['finance'] })).status).toBe(201);
      expect((await add({ email: finance.toUpperCase(), language: 'en', subjects: ['owner'] })).body).toMatchObject({
        code: 'merchant_member.email_taken',
      });
      for (const wrong of [
        { email: 'nobody', language: 'en', subjects: ['owner'] },
        { email: owner, language: 'de', subjects: ['owner'] },
        { email: owner, language: 'en', subjects: [] },
        { email: owner, language: 'en', subjects: ['gossip'] },
        { email: owner, language: 'en', subjects: ['owner'], phone: '0241234567' },
      ])
        expect((await add(wrong)).status).toBe(422);
      const known = (count: number): Promise<void> =>
        eventually(async () => {
          const rows = await system
            .databaseOf('notification')
            .query('SELECT FROM notification.member WHERE sealed IS NOT NULL');
          expect(rows).toHaveLength(count);
        });
      await known(2);
      const made = await system.admin.post(`/admin/v1/merchants/${id}/api_keys`, { livemode: false });
      const key = String(made.body['id']);
      const mail = await arrived(technical);
      expect(mail.subject).toBe("[TEST] Une clé d'API a été créée");
      expect(mail.text).toContain('Bonjour Kofi Boateng,');
      expect(mail.text).toContain(key);
      expect((await arrived(phone)).text).toContain(key);
      const kinds = await messages('kind=member_api_key_created&channel=email');
      expect(kinds.data.map(({ addressee }) => addressee)).toEqual(['t***@example.com']);
      expect(await system.sandbox.messages(finance)).toEqual([]);
      const left = [await everythingInRedis(), system.logs()].join('\n');
      expect(left).not.toMatch(/tech\.one|Kofi Boateng|233247000077/);
      const audited = await system.admin.get('/admin/v1/audit_entries?type=auth.merchant_member_changed.v1');
      expect(audited.text).toContain('technical');
      expect(audited.text).not.toMatch(/tech\.one|ciphertext/);
      // In whose place an owner hears of what comes now.
      expect((await add({ email: owner, language: 'en', subjects: ['owner'] })).status).toBe(201);
      await known(3);
      expect((await system.admin.delete(`${path}/${String(added.body['id'])}`)).status).toBe(204);
      await known(2);
      await system.admin.delete(`/admin/v1/api_keys/${key}`);
      await eventually(async () => {
        const subjects = (await system.sandbox.messages(owner)).map(({ subject }) => subject);
        expect(subjects).toContain('An API key was revoked');
        expect(subjects).toContain('Whom Sankofa tells about your merchant was changed');
      });
      expect((await system.sandbox.messages(technical)).map(({ subject }) => subject)).toEqual([mail.subject]);
      expect(await system.sandbox.messages(phone)).toHaveLength(1);
      const listed = await system.admin.get<{ readonly data: readonly { readonly email: string }[] }>(path);
      expect(listed.body.data.map(({ email }) => email)).toEqual([owner, finance]);
      expect((await system.admin.get(`${path}?format=csv`)).text).toContain(`${finance},`);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes no settings that would let anybody put a link into a message',
    async () => {
      const receipts = { sms: true, email: true };
      const put = (body: unknown) => system.merchant.put('/v1/notification_settings', body);
      for (const name of ['evil.com', 'http://evil', 'a@b', 'x\r\ny', '', null, 'n'.repeat(31)])
        expect((await put({ receipts, language: 'en', name })).status).toBe(422);
      for (const body of [{}, { receipts, language: 'de', name: 'Awa' }, { receipts: { sms: 'yes' }, language: 'en' }])
        expect((await put(body)).status).toBe(422);
      expect((await put({ receipts, language: 'en', name: 'Awa', contact_email: 'a@b' })).status).toBe(422);
      const chosen = { receipts: { sms: false, email: false }, language: 'fr', contact_email: 'it@example.com' };
      expect((await put(chosen)).body).toEqual({
        object: 'notification_settings',
        livemode: false,
        name: null,
        ...chosen,
      });
    },
    TEST_TIMEOUT_MS,
  );
});
