/** Operators find what customers ask about, and give money back for a merchant: two of them. */
import { randomUUID } from 'node:crypto';
import type { ApiAnswer } from '../support/api-client.js';
import { decodeId, earliestUuid, encodeId } from '../../src/kernel/ids/ids.js';
import { eventually } from '../support/eventually.js';
import { must } from '../support/person.js';
import { proveBooks } from './support/books.js';
import { describeInEachMode } from './support/modes.js';
import { leftFor, untilDisbursed } from './support/money-out.js';
import { mobileMoney, pay, read, untilTold } from './support/payments.js';
import { startSystem, type System } from './support/system.js';
import { approve, approved, twoPeople, type Approval } from './support/two-people.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const PAYMENTS = '/admin/v1/payments';

interface Found {
  readonly data: readonly { readonly id: string; readonly merchant: string }[];
  readonly has_more: boolean;
  readonly next: string | null;
}
interface Life {
  readonly status: string;
  readonly attempts: readonly { readonly id: string; readonly reference: string }[];
  readonly refunds: readonly Readonly<Record<string, unknown>>[];
}

describeInEachMode('Operators', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ ...mode });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  const find = async (query: Readonly<Record<string, string>>, of = 'payments'): Promise<Found> => {
    const search = new URLSearchParams({ livemode: 'false', ...query }).toString();
    return must(await system.admin.get<Found>(`/admin/v1/${of}?${search}`), 200).body;
  };
  const idsOf = async (query: Readonly<Record<string, string>>, of?: string): Promise<readonly string[]> =>
    (await find(query, of)).data.map(({ id }) => id);
  const life = async (id: string): Promise<Life> => must(await system.admin.get<Life>(`${PAYMENTS}/${id}`), 200).body;

  it(
    'find a payment by whatever names it, in its own mode, and as many as there are',
    async () => {
      const phone = `+2332${String(Date.now()).slice(-8)}`;
      const email = `Ama.${randomUUID()}@example.com`;
      const method = { type: 'mobile_money', network: 'mtn', phone };
      const one = await pay(system, mobileMoney({ method, customer: { email, phone: '+233209876543' } }));
      const other = await pay(system, mobileMoney({ method }));
      const both = [other.id, one.id];
      const [attempt] = (await life(one.id)).attempts;
      for (const q of [
        one.id,
        one.reference,
        attempt?.reference,
        attempt?.id,
        email,
        email.toLowerCase(),
        '0209876543',
      ])
        expect([q, await idsOf({ q: q ?? '' })]).toEqual([q, [one.id]]);
      for (const q of [
        phone,
        phone.slice(1),
        `0${phone.slice(4)}`,
        `${phone.slice(0, 4)} ${phone.slice(4, 6)}-${phone.slice(6)}`,
      ])
        expect([q, await idsOf({ q })]).toEqual([q, both]);
      expect(await idsOf({ q: phone, amount_from: '10001' })).toEqual([]);
      expect(await idsOf({ q: phone, status: 'succeeded', currency: 'GHS', amount_to: '10000' })).toEqual(both);
      expect(await idsOf({ q: phone, livemode: 'true' })).toEqual([]);
      expect(await idsOf({ q: 'order-of-nobody' })).toEqual([]);
      const first = await find({ q: phone, limit: '1' });
      expect(first).toMatchObject({ has_more: true, next: other.id });
      expect(await idsOf({ q: phone, limit: '1', starting_after: first.next ?? '' })).toEqual([one.id]);
      expect((await system.admin.get(PAYMENTS)).status).toBe(400);
      expect((await system.merchant.get(`${PAYMENTS}?livemode=false`)).status).toBe(403);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'export what a list shows, as the database has it',
    async () => {
      await pay(system, mobileMoney({ reference: `=cmd-${randomUUID()}` }));
      const rows = [];
      let path: string | undefined = `${PAYMENTS}?livemode=false&format=csv&limit=2`;
      while (path !== undefined) {
        const answer: ApiAnswer = must(await system.admin.get(path), 200);
        expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
        rows.push(...answer.text.trim().split('\r\n').slice(1));
        path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      const stored = await system
        .databaseOf('payments')
        .query<{ reference: string; amount: string }>(
          'SELECT reference, amount::text FROM payments.payment WHERE NOT livemode ORDER BY id DESC',
        );
      expect(rows.map((row) => row.split(',').slice(4, 7))).toEqual(
        stored.map(({ reference, amount }) => [
          reference.startsWith('=') ? `'${reference}` : reference,
          'succeeded',
          amount,
        ]),
      );
      expect(stored.length).toBeGreaterThan(2);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'give money back when another has approved it, once, and no more than there is',
    async () => {
      const payment = await pay(system, mobileMoney({ amount: 10_000 }));
      await proveBooks(system);
      const { maker, checker } = await twoPeople(system);
      const ask = (body: object) => maker.post<Approval>(`${PAYMENTS}/${payment.id}/refunds`, body);
      expect((await system.admin.post(`${PAYMENTS}/${payment.id}/refunds`, { reason: 'x' })).body).toMatchObject({
        code: 'auth.people_only',
      });
      expect((await ask({ amount: 10_001, reason: 'too much' })).body).toMatchObject({
        code: 'refund.exceeds_payment',
      });
      expect((await ask({ amount: 100 })).status).toBe(422);
      const all = must(await ask({ reason: 'Never delivered' }), 202).body;
      const part = must(await ask({ amount: 4_000, reason: 'Half of it was broken' }), 202).body;
      expect(all).toMatchObject({ state: 'pending', kind: 'payments.refund', subject: payment.id });
      expect(all.payload).toMatchObject({ amount: 10_000, currency: 'GHS', payment: payment.id });
      expect((await maker.post(`/admin/v1/approvals/${part.id}/approve`, {})).status).toBeGreaterThanOrEqual(403);
      expect((await life(payment.id)).refunds).toEqual([]);

      const done = await approve(checker, part.id);
      expect(done.state).toBe('done');
      const { refund: id } = part.payload as { refund: string };
      const refund = await untilDisbursed(system, { object: 'refund', id }, 'succeeded');
      expect(refund).toMatchObject({ amount: 4_000, reason: 'Half of it was broken' });
      expect((await life(payment.id)).refunds).toMatchObject([
        { id, approval: part.id, asked_by: done.asked_by, approved_by: done.decided_by },
      ]);
      await untilTold(system, id, ['refund.succeeded']);
      // By now there is less left than the other asks for.
      expect(await approve(checker, all.id)).toMatchObject({
        state: 'failed',
        failure: { code: 'refund.exceeds_payment' },
      });
      const winner = (await read(system, payment.id)).attempts.find(({ status }) => status === 'succeeded');
      expect(await leftFor(system, 'refund', winner?.reference ?? '')).toMatchObject([{ amount: 4_000 }]);
      expect(await idsOf({ q: payment.id }, 'refunds')).toEqual([id]);
      const rest = await approved(system, (person) =>
        person.post(`${PAYMENTS}/${payment.id}/refunds`, { reason: 'The rest' }),
      );
      expect(rest).toMatchObject({ state: 'done', payload: { amount: 6_000 } });
      const { refund: last } = rest.payload as { refund: string };
      await untilDisbursed(system, { object: 'refund', id: last }, 'succeeded');
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'read its whole life: what was booked, what its merchant was told, what was compared',
    async () => {
      const { maker, checker } = await twoPeople(system);
      const payment = await pay(system, mobileMoney({ amount: 10_000 }));
      await proveBooks(system);
      const asked = must(
        await maker.post<Approval>(`${PAYMENTS}/${payment.id}/refunds`, { amount: 1_000, reason: 'Damaged' }),
        202,
      ).body;
      await approve(checker, asked.id);
      const { refund } = asked.payload as { refund: string };
      await untilDisbursed(system, { object: 'refund', id: refund }, 'succeeded');
      await untilTold(system, refund, ['refund.succeeded']);
      const { attempts, refunds } = await life(payment.id);
      const [own, its] = [attempts, refunds.flatMap((each) => each['attempts'] as Life['attempts'])].map((all) =>
        all.map(({ id }) => id),
      );
      type Listed = { readonly data: readonly Readonly<Record<string, unknown>>[] };
      const about = async (path: string, ids: readonly string[]): Promise<Listed> =>
        must(await system.admin.get<Listed>(`/admin/v1/${path}?of=${ids.join(',')}`), 200).body;

      await eventually(async () => {
        const booked = await about('ledger/booked', [...(own ?? []), ...(its ?? []), refund]);
        expect(booked.data.map(({ kind }) => kind)).toEqual(
          expect.arrayContaining(['collection', 'platform_fee', 'refund', 'refund_sent']),
        );
        const stored = await system
          .databaseOf('ledger')
          .query<{ id: string }>('SELECT id FROM ledger.transfer WHERE subject_id = ANY($1::uuid[])', [
            [decodeId('payment', payment.id), decodeId('refund', refund)],
          ]);
        expect(booked.data.map(({ id }) => decodeId('transfer', String(id))).toSorted()).toEqual(
          stored.map(({ id }) => id).toSorted(),
        );
        expect(booked).toMatchObject({ settlements: [{ kind: 'capture', currency: 'GHS', released: false }] });
      });
      await eventually(async () => {
        const told = await about('events', [payment.id, refund]);
        expect(told.data).toMatchObject([
          { type: 'payment.succeeded', about: payment.id, deliveries: [{ status: 'delivered', failed_attempts: [] }] },
          { type: 'refund.succeeded', about: refund, deliveries: [{ status: 'delivered', failed_attempts: [] }] },
        ]);
      });
      await eventually(async () => {
        const compared = await about('reconciliation/records', [...(own ?? []), ...(its ?? [])]);
        expect(compared.data.map(({ kind, status, breaks }) => [kind, status, breaks])).toEqual([
          ['payment', 'succeeded', []],
          ['refund', 'succeeded', []],
        ]);
      });
      expect((await about('events', ['po_00000000000000000000000001'])).data).toEqual([]);
      for (const [of, code] of [
        [payment.reference, 'invalid_id'],
        ['mer_00000000000000000000000001', 'invalid_id'],
        [Array.from({ length: 101 }, (_, n) => encodeId('payment', earliestUuid(n))).join(','), 'too_many'],
      ] as const)
        expect((await system.admin.get(`/admin/v1/events?of=${of}`)).body).toMatchObject({
          code: 'request.invalid_parameter',
          errors: [{ pointer: 'of', code }],
        });
    },
    TEST_TIMEOUT_MS,
  );

  it('cannot give money back alone, also not by SQL as the program does', async () => {
    const payments = system.databaseOf('payments');
    const [row] = await payments.query<{ id: string; asked_by: string }>(
      'SELECT id, asked_by FROM payments.refund WHERE approval_id IS NOT NULL LIMIT 1',
    );
    const copy = (values: string): Promise<unknown> =>
      payments.query(
        `INSERT INTO payments.refund (id, merchant_id, livemode, payment_id, source, captured_by, amount, currency, counted, metadata, status, correlation_id, created_at,
           approval_id, asked_by, approved_by)
         SELECT gen_random_uuid(), merchant_id, livemode, payment_id, source, captured_by, amount, currency, 0, metadata, 'processing', correlation_id, now(), ${values}
           FROM payments.refund WHERE id = $1`,
        [row?.id],
      );
    await expect(copy('gen_random_uuid(), asked_by, asked_by')).rejects.toMatchObject({ code: '23514' });
    await expect(copy('gen_random_uuid(), asked_by, NULL')).rejects.toMatchObject({ code: '23514' });
    await expect(copy('approval_id, asked_by, approved_by')).rejects.toMatchObject({ code: '23505' });
  });
});
