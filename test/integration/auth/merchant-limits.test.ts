/** What operators set for one merchant: told in the commit that stores it, with what was before. */
import { readEnv } from '../../../src/config/env.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { AuthStore } from '../../../src/modules/auth/auth.store.js';
import { CreateMerchant } from '../../../src/modules/auth/create-merchant.js';
import { MerchantLimitsStore } from '../../../src/modules/auth/limits/merchant-limits.store.js';
import { NO_LIMITS, SetMerchantLimits, type Limits } from '../../../src/modules/auth/limits/set-merchant-limits.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const correlationId = 'req_test';
const LIMITS: Limits = { ratePerSecond: 50, burst: 100, maxInFlight: null };
let database: TestDatabase;
let databases: Databases;
let store: MerchantLimitsStore;
let merchantId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: database.url });
  databases = new Databases(env, new Logger(env));
  store = new MerchantLimitsStore(databases);
});
afterAll(async () => {
  await databases.close();
  await database.drop();
});
beforeEach(async () => {
  const merchant = { name: 'Asante Pay', platformFeeBps: 50, correlationId };
  merchantId = (await new CreateMerchant(new AuthStore(databases)).execute(merchant)).id;
});

const set = (limits: Limits, of = merchantId) =>
  new SetMerchantLimits(store, readEnv({})).execute({ merchantId: of, limits, correlationId });
const told = async (): Promise<Record<string, unknown>[]> => {
  const rows = await database.query<{ payload: Record<string, unknown> }>(
    `SELECT payload FROM messaging.outbox WHERE aggregateid = $1 AND type = 'auth.merchant_limits_changed.v1' ORDER BY seq`,
    [merchantId],
  );
  return rows.map(({ payload }) => payload);
};

describe("a merchant's own limits", () => {
  it('are stored, and told with what they were before', async () => {
    expect(await store.find(merchantId)).toBeUndefined();
    expect(await set(LIMITS)).toMatchObject({ ...LIMITS, version: 1 });
    expect(await set({ ...LIMITS, maxInFlight: 10 })).toMatchObject({ maxInFlight: 10, version: 2 });
    expect(await set(NO_LIMITS)).toMatchObject({ ...NO_LIMITS, version: 3 });
    const [first, second, third] = [
      { rate_per_second: 50, burst: 100, max_in_flight: null },
      { rate_per_second: 50, burst: 100, max_in_flight: 10 },
      { rate_per_second: null, burst: null, max_in_flight: null },
    ];
    expect(await told()).toEqual([
      { merchant_id: merchantId, version: 1, before: third, limits: first },
      { merchant_id: merchantId, version: 2, before: first, limits: second },
      { merchant_id: merchantId, version: 3, before: second, limits: third },
    ]);
  });

  it('are told once, however often the same is set', async () => {
    await Promise.all(Array.from({ length: 8 }, () => set(LIMITS)));
    expect(await told()).toHaveLength(1);
    expect(await store.find(merchantId)).toMatchObject({ ...LIMITS, version: 1 });
  });

  it('have one version for each change, however many change them at the same time', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, index) => set({ ...LIMITS, maxInFlight: index + 1 })));
    const changes = await told();
    expect(changes.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    // Each was made of the one before it.
    changes.slice(1).forEach(({ before }, index) => expect(before).toEqual(changes[index]?.['limits']));
  });

  it('are of no merchant that does not exist', async () => {
    await expect(set(LIMITS, newUuid())).rejects.toMatchObject({ code: 'merchant.not_found' });
  });

  it('have a burst that holds a tenth of what the rate brings in a second, also where one of them is the default', async () => {
    const invalid = { code: 'request.invalid', errors: [{ pointer: '/burst', code: 'less_than_rate_needs' }] };
    await expect(set({ ...LIMITS, ratePerSecond: 1_001, burst: 100 })).rejects.toMatchObject(invalid);
    await expect(set({ ...LIMITS, ratePerSecond: null, burst: 99 })).rejects.toMatchObject(invalid);
    await expect(set({ ...LIMITS, ratePerSecond: 20_001, burst: null })).rejects.toMatchObject(invalid);
    expect(await set({ ...LIMITS, ratePerSecond: 1_000, burst: 100 })).toMatchObject({ version: 1 });
    expect(await set({ ratePerSecond: null, burst: null, maxInFlight: 1 })).toMatchObject({ maxInFlight: 1 });
  });

  it('are never 0 or less, nor beyond what the settings may say', async () => {
    for (const wrong of [{ ratePerSecond: 0 }, { burst: -1 }, { maxInFlight: 0 }, { maxInFlight: 100_001 }])
      await expect(
        database.query(
          `INSERT INTO auth.merchant_limits (merchant_id, rate_per_second, burst, max_in_flight) VALUES ($1, $2, $3, $4)`,
          [merchantId, wrong.ratePerSecond ?? null, wrong.burst ?? null, wrong.maxInFlight ?? null],
        ),
      ).rejects.toMatchObject({ code: '23514' });
  });
});
