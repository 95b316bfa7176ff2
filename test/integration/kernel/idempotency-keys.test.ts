import { Database } from '../../../src/kernel/database/database.js';
import type { KeyScope } from '../../../src/kernel/idempotency/idempotency-cache.js';
import { requestFingerprint } from '../../../src/kernel/idempotency/idempotency-key.js';
import type { KeyRow } from '../../../src/kernel/idempotency/claims.js';
import { IdempotencyKeys } from '../../../src/kernel/idempotency/idempotency-keys.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';

const LEASE_SECONDS = 30;
const fingerprint = requestFingerprint('POST /v1/payments', { amount: 1 });
const response = (body: string) => ({ fingerprint, status: 202, body });

let testDatabase: TestDatabase;
let database: Database;
const keys = new IdempotencyKeys();

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  // The role of a module that claims keys: whether it has the rights is part of the question.
  database = new Database({ url: testDatabase.url, owner: 'payments', poolSize: 10 });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

/** A key as its first holder claims it. Negative: the lease ran out so many seconds ago. */
async function claim(
  leaseSeconds: number,
  scope: KeyScope = { merchantId: newUuid(), livemode: false, key: newUuid() },
): Promise<KeyScope> {
  await database.query(
    `INSERT INTO idempotency.key (merchant_id, livemode, key, route, fingerprint, resource_id, locked_until)
     VALUES ($1, $2, $3, 'POST /v1/payments', $4, $5, now() + make_interval(secs => $6))`,
    [scope.merchantId, scope.livemode, scope.key, fingerprint, newUuid(), leaseSeconds],
  );
  return scope;
}

interface StoredKey {
  status: number | null;
  body: string | null;
  fence: bigint;
  leased: boolean;
}

async function stored(scope: KeyScope): Promise<StoredKey | undefined> {
  const [row] = await database.query<StoredKey>(
    `SELECT status, body, fence, COALESCE(locked_until > now(), false) AS leased FROM idempotency.key WHERE merchant_id = $1 AND livemode = $2 AND key = $3`,
    [scope.merchantId, scope.livemode, scope.key],
  );
  return row;
}

describe('taking an orphaned key over', () => {
  it('gives it to one of all who try at once', async () => {
    const scope = await claim(-1);
    const takers = await Promise.allSettled(
      Array.from({ length: 20 }, () => keys.takeOver(database, scope, 1n, LEASE_SECONDS)),
    );
    const won = takers.filter((taker) => taker.status === 'fulfilled').map((taker) => taker.value);
    expect(won).toEqual([2n]);
    for (const taker of takers) {
      if (taker.status === 'rejected')
        expect(taker.reason).toMatchObject({ code: 'idempotency.key_in_use', retryAfterSeconds: 1 });
    }
    expect(await stored(scope)).toEqual({ status: null, body: null, fence: 2n, leased: true });
  });

  it('is refused while the lease of its holder runs', async () => {
    const scope = await claim(LEASE_SECONDS);
    await expect(keys.takeOver(database, scope, 1n, LEASE_SECONDS)).rejects.toMatchObject({
      code: 'idempotency.key_in_use',
    });
    expect(await stored(scope)).toMatchObject({ fence: 1n });
  });

  it('is refused to who saw an older fence', async () => {
    const scope = await claim(-1);
    expect(await keys.takeOver(database, scope, 1n, -1)).toBe(2n);
    await expect(keys.takeOver(database, scope, 1n, LEASE_SECONDS)).rejects.toMatchObject({
      code: 'idempotency.key_in_use',
    });
    expect(await keys.takeOver(database, scope, 2n, LEASE_SECONDS)).toBe(3n);
  });

  it('leaves the key to the next when the transaction is rolled back', async () => {
    const scope = await claim(-1);
    const failed = database.transaction(async (tx) => {
      expect(await keys.takeOver(tx, scope, 1n, LEASE_SECONDS)).toBe(2n);
      throw new Error('the process died');
    });
    await expect(failed).rejects.toThrow('the process died');
    expect(await keys.takeOver(database, scope, 1n, LEASE_SECONDS)).toBe(2n);
  });

  it('makes a second taker wait for the first, who then is the only one', async () => {
    const scope = await claim(-1);
    let second: Promise<unknown> | undefined;
    await database.transaction(async (tx) => {
      await keys.takeOver(tx, scope, 1n, LEASE_SECONDS);
      second = keys.takeOver(database, scope, 1n, LEASE_SECONDS).catch((error: unknown) => error);
      await eventually(async () =>
        expect(
          await testDatabase.query(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          ),
        ).toHaveLength(1),
      );
    });
    expect(await second).toMatchObject({ code: 'idempotency.key_in_use' });
  });

  it('touches neither the same key of another merchant nor that of the other mode', async () => {
    const scope = await claim(-1);
    const others = [
      await claim(-1, { ...scope, livemode: true }),
      await claim(-1, { ...scope, merchantId: newUuid() }),
    ];
    await keys.takeOver(database, scope, 1n, LEASE_SECONDS);
    await keys.complete(database, scope, 2n, response('{}'));
    for (const other of others)
      expect(await stored(other)).toEqual({ status: null, body: null, fence: 1n, leased: false });
  });
});

describe('completing a key', () => {
  it('stores the answer and ends the lease', async () => {
    const scope = await claim(LEASE_SECONDS);
    expect(await keys.complete(database, scope, 1n, response('{"a": "é"}'))).toBe(true);
    expect(await stored(scope)).toEqual({ status: 202, body: '{"a": "é"}', fence: 1n, leased: false });
  });

  it('is not possible with an old fence: the holder that slept loses, the one that took over answers', async () => {
    const scope = await claim(-1);
    const fence = await keys.takeOver(database, scope, 1n, LEASE_SECONDS);
    expect(await keys.complete(database, scope, 1n, response('"from the sleeper"'))).toBe(false);
    expect(await keys.complete(database, scope, fence, response('"from the taker"'))).toBe(true);
    expect(await keys.complete(database, scope, 1n, response('"from the sleeper"'))).toBe(false);
    expect(await stored(scope)).toMatchObject({ status: 202, body: '"from the taker"' });
  });

  it('happens once: nothing overwrites the answer, and nobody takes the key over any more', async () => {
    const scope = await claim(-1);
    const attempts = await Promise.all(
      Array.from({ length: 10 }, (_, index) => keys.complete(database, scope, 1n, response(`${index}`))),
    );
    expect(attempts.filter(Boolean)).toHaveLength(1);
    const first = await stored(scope);
    expect(first?.body).toBe(`${attempts.indexOf(true)}`);
    await expect(keys.takeOver(database, scope, 1n, LEASE_SECONDS)).rejects.toMatchObject({
      code: 'idempotency.key_in_use',
    });
    expect(await stored(scope)).toEqual(first);
  });

  it('is the business of modules that claim keys, not of the others', async () => {
    const scope = await claim(LEASE_SECONDS);
    const stranger = new Database({ url: testDatabase.url, owner: 'notification', poolSize: 1 });
    try {
      await expect(keys.complete(stranger, scope, 1n, response('{}'))).rejects.toMatchObject({ code: '42501' });
    } finally {
      await stranger.close();
    }
  });
});

describe('judging a key that exists', () => {
  const row: KeyRow = { fingerprint, resourceId: newUuid(), status: null, body: null, fence: 4n, leaseExpired: false };

  it('replays the answer, to the same request only', () => {
    const completed = { ...row, status: 202, body: '{}' };
    expect(keys.judge(completed, fingerprint)).toEqual({ kind: 'completed', response: response('{}') });
    const other = requestFingerprint('POST /v1/payments', { amount: 2 });
    for (const known of [completed, row, { ...row, leaseExpired: true }])
      expect(() => keys.judge(known, other)).toThrow('idempotency.key_reused');
  });

  it('holds a request off while another may still answer, and hands an orphan on', () => {
    expect(() => keys.judge(row, fingerprint)).toThrow('idempotency.key_in_use');
    expect(keys.judge({ ...row, leaseExpired: true }, fingerprint)).toEqual({
      kind: 'orphaned',
      resourceId: row.resourceId,
      fence: 4n,
    });
  });
});
