/** One key, one payment: however often, at whichever moment, and with whatever is left of the caches. */
import { randomUUID } from 'node:crypto';

import type { ApiAnswer } from '../support/api-client.js';
import { anotherMerchant } from './support/merchants.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney, pay, read, untilStatus, WAIT, type PaymentResource } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;
const AT_ONCE = 100;

describeInEachMode('An idempotency key', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(mode);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  const post = (
    body: Readonly<Record<string, unknown>>,
    idempotencyKey: string,
    prefer?: string,
  ): Promise<ApiAnswer<PaymentResource>> =>
    system.merchant.post('/v1/payments', body, { idempotencyKey, ...(prefer === undefined ? {} : { prefer }) });

  const postWith = (headers: Readonly<Record<string, string>>, body = mobileMoney()): Promise<ApiAnswer> =>
    system.merchant.post('/v1/payments', body, { headers });

  const count = async (table: string): Promise<number> => {
    const [row] = await system.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    return row?.n ?? Number.NaN;
  };

  /** One payment under this reference, and one charge. */
  const expectOnePayment = async (body: Readonly<Record<string, unknown>>): Promise<void> => {
    const query = new URLSearchParams({ reference: String(body['reference']) });
    const found = await system.merchant.get<{ data: PaymentResource[] }>(`/v1/payments?${query.toString()}`);
    expect(found.body.data).toHaveLength(1);
    const payment = await untilStatus(system, found.body.data[0]?.id ?? '', 'succeeded');
    expect(payment.attempts).toHaveLength(1);
    expect(await system.sandbox.ledger(...payment.attempts.map(({ reference }) => reference))).toHaveLength(1);
  };

  it.each([
    { name: 'at once', prefer: undefined },
    { name: 'and wait for the outcome', prefer: WAIT },
  ])(
    'sent 100 times $name, makes one payment, one charge, and equal answers or 409',
    async ({ prefer }) => {
      const body = mobileMoney();
      const key = randomUUID();
      const before = await count('payments.payment');
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => post(body, key, prefer)));
      const conflicts = answers.filter(({ status }) => status === 409);
      for (const { body: problem, headers } of conflicts) {
        expect(problem).toMatchObject({ code: 'idempotency.key_in_use', retryable: true });
        expect(headers.get('retry-after')).toMatch(/^\d+$/);
      }
      const others = answers.filter(({ status }) => status !== 409);
      expect(others.length).toBeGreaterThan(0);
      expect(new Set(others.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      const first = others.filter(({ headers }) => headers.get('idempotent-replayed') === null);
      expect(first).toHaveLength(1);
      await expectOnePayment(body);
      expect(await count('payments.payment')).toBe(before + 1);
      // Whoever was told 409 asks again, and is told what the others were.
      const again = await post(body, key, prefer);
      expect([again.status, again.text]).toEqual([others[0]?.status, others[0]?.text]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'sent 100 times after Redis was emptied, still makes one payment and one charge',
    async () => {
      const body = mobileMoney();
      const key = randomUUID();
      const first = await post(body, key, WAIT);
      expect(first.status).toBe(201);
      await system.redis?.flush();
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => post(body, key, WAIT)));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set([`201 ${first.text}`]));
      expect(new Set(answers.map(({ headers }) => headers.get('idempotent-replayed')))).toEqual(new Set(['true']));
      await expectOnePayment(body);

      const other = mobileMoney();
      const otherKey = randomUUID();
      const racing = Promise.all(Array.from({ length: AT_ONCE }, () => post(other, otherKey)));
      await system.redis?.flush();
      const raced = (await racing).filter(({ status }) => status !== 409);
      expect(new Set(raced.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      await expectOnePayment(other);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is answered the same bytes again, and says so',
    async () => {
      const body = mobileMoney();
      const key = randomUUID();
      const first = await post(body, key);
      expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([202, null]);
      await untilStatus(system, first.body.id, 'succeeded');
      // Spelled in another order it is the same request; and the answer is what it was, not what has become of it.
      const reordered = Object.fromEntries(Object.entries(body).toReversed());
      for (const again of [body, reordered]) {
        const replay = await post(again, key);
        expect([replay.status, replay.text]).toEqual([202, first.text]);
        expect(replay.headers.get('idempotent-replayed')).toBe('true');
        expect(replay.headers.get('content-type')).toBe(first.headers.get('content-type'));
      }
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is refused with another request, before and after Redis was emptied',
    async () => {
      const body = mobileMoney();
      const key = randomUUID();
      const first = await post(body, key, WAIT);
      for (const flush of [false, true]) {
        if (flush) await system.redis?.flush();
        for (const change of [{ amount: 10_001 }, { metadata: { order: '8' } }, { reference: randomUUID() }]) {
          const refused = await post({ ...body, ...change }, key);
          expect([refused.status, refused.body]).toEqual([
            422,
            expect.objectContaining({ code: 'idempotency.key_reused', retryable: false }),
          ]);
        }
      }
      expect((await read(system, first.body.id)).amount).toBe(10_000);
      expect((await post(body, key, WAIT)).text).toBe(first.text);
    },
    TEST_TIMEOUT_MS,
  );

  it('of its own does not make a second payment of one reference: the first is named', async () => {
    const body = mobileMoney();
    const payment = await pay(system, body);
    const refused = await post(body, randomUUID());
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'payment.duplicate_reference', payment_id: payment.id });
    const racing = mobileMoney();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(racing, randomUUID())));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, ...Array.from({ length: 19 }, () => 409)]);
    await expectOnePayment(racing);
  });

  it('that was refused is not used up', async () => {
    const body = mobileMoney();
    const key = randomUUID();
    const refused = await post({ ...body, amount: -1 }, key);
    expect(refused.status).toBe(422);
    expect((await post(body, key)).status).toBe(202);
  });

  it('may come as X-Idempotency-Key, or as both when they agree', async () => {
    const body = mobileMoney();
    const key = randomUUID();
    const first = await postWith({ 'x-idempotency-key': key }, body);
    expect(first.status).toBe(202);
    for (const headers of [{ 'idempotency-key': key }, { 'idempotency-key': key, 'x-idempotency-key': key }]) {
      const replay = await postWith(headers, body);
      expect([replay.status, replay.text]).toEqual([202, first.text]);
    }
    const differing = await postWith({ 'idempotency-key': key, 'x-idempotency-key': randomUUID() });
    expect([differing.status, differing.body['code']]).toEqual([400, 'idempotency.key_invalid']);
  });

  it('must be there, and be 1 to 255 printable characters', async () => {
    const missing = await postWith({});
    expect([missing.status, missing.body['code']]).toEqual([400, 'idempotency.key_missing']);
    for (const key of ['', 'k'.repeat(256), 'tab\tinside']) {
      const refused = await postWith({ 'idempotency-key': key });
      expect([refused.status, refused.body['code']]).toEqual([400, 'idempotency.key_invalid']);
    }
    expect((await postWith({ 'idempotency-key': 'k'.repeat(255) })).status).toBe(202);
  });

  it('belongs to its merchant and mode: another merchant may use the same', async () => {
    const other = await anotherMerchant(system);
    const body = mobileMoney();
    const key = randomUUID();
    const mine = await post(body, key);
    const theirs = await other.post('/v1/payments', { ...body, amount: 5_000 }, { idempotencyKey: key });
    expect([mine.status, theirs.status]).toEqual([202, 202]);
    expect(mine.body.id).not.toBe(theirs.body['id']);
    expect([mine.body.amount, theirs.body['amount']]).toEqual([10_000, 5_000]);
  });
});
