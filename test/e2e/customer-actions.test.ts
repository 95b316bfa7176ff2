/** What customers type for their gateways: through the API, to the sandbox, and kept nowhere on the way. */
import { Redis } from 'ioredis';

import type { ApiAnswer } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { proveBooks } from './support/books.js';
import { heal } from './support/gateways.js';
import { anotherMerchant } from './support/merchants.js';
import { describeInEachMode } from './support/modes.js';
import {
  eventsOf,
  mobileMoneyFrom,
  pay,
  read,
  untilStatus,
  type PaymentResource,
  type PaymentWithAttempts,
} from './support/payments.js';
import { aMoment, CHARGE_TIMEOUT_MS, startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;

/** Wallets whose customers are asked at Paystack: see the sandbox's README. */
const ASKED_FOR = { otp: '9910', pin: '9911', phone: '9912', birthday: '9913', pinThenOtp: '9915' } as const;
/** Nothing but zeros is wrong there. */
const WRONG = '000000';
/** Searched for afterwards: found nowhere else by chance. */
const CANARY = 'Kx7Qz41Vw9';
/** The turn of a submission that died: what the call may take, and 20 s for writing down. And what restarting takes. */
const TURN_ENDS_WITHIN_MS = CHARGE_TIMEOUT_MS + 20_000 + 20_000;

interface ActionAnswer {
  readonly object?: string;
  readonly result?: string;
  readonly next_action?: unknown;
  readonly code?: string;
  readonly expected?: string;
}

describeInEachMode('What a customer types', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ ...mode, env: { LOG_LEVEL: 'trace' } });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);
  afterEach(() => heal(system), TEST_TIMEOUT_MS);

  const type = (
    { id }: Pick<PaymentResource, 'id'>,
    entry: 'otp' | 'pin' | 'phone' | 'birthday',
    value: string,
    merchant = system.merchant,
  ): Promise<ApiAnswer<ActionAnswer>> =>
    merchant.post<ActionAnswer>(`/v1/payments/${id}/actions`, { type: entry, value });

  const waitingFor = async (lastFourDigits: string, action: string): Promise<PaymentResource> => {
    const payment = await pay(system, mobileMoneyFrom(lastFourDigits));
    expect(payment).toMatchObject({ status: 'requires_action', next_action: { type: action } });
    return payment;
  };

  const chargedOnce = async (payment: PaymentWithAttempts): Promise<void> => {
    const charges = await system.sandbox.ledger(...payment.attempts.map(({ reference }) => reference));
    expect(charges).toEqual([expect.objectContaining({ kind: 'charge', amount: payment.amount })]);
  };

  it(
    'is tried again after a wrong code, and the right one pays',
    async () => {
      const payment = await waitingFor(ASKED_FOR.otp, 'enter_otp');
      const wrong = await type(payment, 'otp', WRONG);
      expect([wrong.status, wrong.body]).toEqual([
        200,
        {
          object: 'payment_action',
          livemode: false,
          payment: payment.id,
          type: 'otp',
          result: 'retry',
          next_action: { type: 'enter_otp', message: 'Invalid otp' },
        },
      ]);
      const right = await type(payment, 'otp', '735912');
      expect(right.body).toMatchObject({ result: 'accepted', next_action: null });
      const paid = await untilStatus(system, payment.id, 'succeeded');
      expect(paid.attempts).toMatchObject([{ gateway: 'paystack', status: 'succeeded' }]);
      await chargedOnce(paid);
      await eventually(() =>
        expect(eventsOf(system, payment.id).map((event) => event.type)).toEqual(
          expect.arrayContaining(['payment.requires_action', 'payment.succeeded']),
        ),
      );
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'can be two things, one after the other',
    async () => {
      const payment = await waitingFor(ASKED_FOR.pinThenOtp, 'enter_pin');
      const first = await type(payment, 'pin', '4821');
      expect(first.body).toMatchObject({ result: 'accepted', next_action: { type: 'enter_otp' } });
      await eventually(async () =>
        expect((await read(system, payment.id)).next_action).toMatchObject({ type: 'enter_otp' }),
      );
      expect((await type(payment, 'pin', '4821')).body).toMatchObject({
        code: 'payment.action_not_expected',
        expected: 'otp',
      });
      expect((await type(payment, 'otp', '735912')).body).toMatchObject({ result: 'accepted' });
      await chargedOnce(await untilStatus(system, payment.id, 'succeeded'));
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['phone', ASKED_FOR.phone, '+233241234567'],
    ['birthday', ASKED_FOR.birthday, '1990-02-17'],
  ] as const)(
    'can be a %s',
    async (entry, digits, value) => {
      const payment = await waitingFor(digits, `enter_${entry}`);
      expect((await type(payment, entry, value)).body).toMatchObject({ result: 'accepted' });
      await untilStatus(system, payment.id, 'succeeded');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is nobody else’s business, and only taken while it is wanted',
    async () => {
      const payment = await waitingFor(ASKED_FOR.otp, 'enter_otp');
      const foreign = await type(payment, 'otp', '735912', await anotherMerchant(system));
      const unknown = await type({ id: 'pay_00000000000000000000000000' }, 'otp', '735912');
      expect([foreign.status, foreign.body.code]).toEqual([404, 'payment.not_found']);
      expect([unknown.status, unknown.body.code]).toEqual([404, 'payment.not_found']);
      expect((await type(payment, 'otp', '735912', system.merchant.withKey(undefined))).status).toBe(401);
      expect((await type(payment, 'otp', '7 9')).body.code).toBe('request.invalid');
      expect(
        (await system.merchant.post(`/v1/payments/${payment.id}/actions`, { type: 'cvv', value: '123' })).status,
      ).toBe(422);
      // None of that reached the gateway, which still waits.
      expect((await type(payment, 'otp', '735912')).body).toMatchObject({ result: 'accepted' });
      await untilStatus(system, payment.id, 'succeeded');
      expect((await type(payment, 'otp', '735912')).body).toMatchObject({ code: 'payment.action_not_expected' });
      const plain = await pay(system);
      const unasked = await type(plain, 'otp', '735912');
      expect([unasked.status, unasked.body.code]).toEqual([409, 'payment.action_not_expected']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'waits for a gateway that cannot be reached, and is found nowhere afterwards',
    async () => {
      const payment = await waitingFor(ASKED_FOR.otp, 'enter_otp');
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'refuse' });
      const down = await type(payment, 'otp', CANARY);
      expect([down.status, down.body.code, down.headers.get('retry-after')]).toEqual([
        503,
        'payment.action_not_delivered',
        '2',
      ]);
      expect(await read(system, payment.id)).toMatchObject({
        status: 'requires_action',
        attempts: [{ status: 'pending' }],
      });
      await system.sandbox.clearFaults();
      expect((await type(payment, 'otp', CANARY)).body).toMatchObject({ result: 'accepted' });
      await chargedOnce(await untilStatus(system, payment.id, 'succeeded'));
      expect((await type(payment, 'pin', CANARY)).status).toBe(409);
      expect(
        (await system.merchant.post(`/v1/payments/${payment.id}/actions`, { type: CANARY, value: '1' })).status,
      ).toBe(422);
      await expectNowhere(system, CANARY);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that the gateway takes without answering is not typed again, and its end is found out',
    async () => {
      const payment = await waitingFor(ASKED_FOR.otp, 'enter_otp');
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'slow', ms: CHARGE_TIMEOUT_MS + 500 });
      expect((await type(payment, 'otp', '735912')).body).toMatchObject({ result: 'unknown', next_action: null });
      await system.sandbox.clearFaults();
      await chargedOnce(await untilStatus(system, payment.id, 'succeeded', 30_000));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'while the process is killed is handed on once, or not at all and then again',
    async () => {
      const payment = await waitingFor(ASKED_FOR.otp, 'enter_otp');
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'slow', ms: CHARGE_TIMEOUT_MS - 200 });
      const lost = type(payment, 'otp', '735912').catch(() => undefined);
      await aMoment(300);
      await system.kill9();
      expect(await lost).toBeUndefined();
      await system.sandbox.clearFaults();
      await system.restart();
      const paid = await eventually(
        async () => {
          const now = await read(system, payment.id);
          if (now.status === 'requires_action') await type(payment, 'otp', '735912');
          if (now.status !== 'succeeded') throw new Error(`the payment is ${now.status}`);
          return now;
        },
        { timeoutMs: TURN_ENDS_WITHIN_MS, everyMs: 500 },
      );
      await chargedOnce(paid);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );
});

/** Searches everything that is kept: what was logged, every table, every key of Redis. */
async function expectNowhere(system: System, text: string): Promise<void> {
  // Logs are flushed twice a second.
  await aMoment(1_000);
  expect(system.logs().length).toBeGreaterThan(1_000);
  expect(system.logs().includes(text)).toBe(false);
  const tables = await system.database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  expect(tables.length).toBeGreaterThan(10);
  for (const { name } of tables) {
    const found = await system.database.query(`SELECT 1 FROM ${name} t WHERE t::text LIKE '%' || $1 || '%'`, [text]);
    expect([name, found.length]).toEqual([name, 0]);
  }
  if (system.redis === undefined) return;
  const redis = new Redis(system.redis.url);
  try {
    const keys = await redis.keys('*');
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys)
      expect([key, JSON.stringify(await contentOf(redis, key)).includes(text)]).toEqual([key, false]);
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      // It went away meanwhile.
      return null;
  }
}
