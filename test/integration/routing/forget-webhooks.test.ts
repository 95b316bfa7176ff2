import { Database } from '../../../src/kernel/database/database.js';
import { earliestUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { forgetWebhooks, FORGOTTEN_AT_ONCE } from '../../../src/modules/routing/forget-webhooks.js';
import { createHarness, type Harness } from './harness.js';
import { ScriptedGateway } from './scripted-gateway.js';

const DAY_MS = 86_400_000;
let harness: Harness;
let pool: Database;

beforeAll(async () => {
  harness = await createHarness([new ScriptedGateway('first')], { start: false });
  // With routing's own rights.
  pool = new Database({ url: harness.database.url, owner: 'routing', poolSize: 1 });
});
afterAll(async () => {
  await pool.close();
  await harness.close();
});

const store = (count: number, ageDays: number, done = true): Promise<unknown> =>
  harness.database.query(
    `INSERT INTO routing.gateway_webhook (id, gateway, gateway_account_id, dedupe_key, event_type, handles, headers, body, grade, process_after, processed_at, outcome)
     SELECT (left($1, 19) || lpad(to_hex(n), 4, '0') || right($1, 13))::uuid, 'first', (SELECT id FROM routing.gateway_account), gen_random_uuid()::text,
       'charge.success', '{}', '{}', '', 'authenticated', CASE WHEN $3 THEN NULL ELSE now() END, CASE WHEN $3 THEN now() END, 'succeeded'
     FROM generate_series(1, $2) AS n`,
    [earliestUuid(Date.now() - ageDays * DAY_MS), count, done],
  );
const left = async (): Promise<number> =>
  Number((await harness.database.query<{ count: bigint }>('SELECT count(*) FROM routing.gateway_webhook'))[0]?.count);

it('webhooks are forgotten after their time, in small steps, and never before they were acted upon', async () => {
  await store(FORGOTTEN_AT_ONCE + 5, 91);
  await store(3, 92, false);
  await store(7, 89);
  const options = { database: pool, logger: new Logger({ logLevel: 'silent' }), keepDays: 90 };
  expect(await forgetWebhooks(options)).toEqual({ again: true });
  expect(await left()).toBe(15);
  expect(await forgetWebhooks(options)).toEqual({ again: false });
  expect(await left()).toBe(10);
  expect(await forgetWebhooks({ ...options, keepDays: 88 })).toEqual({ again: false });
  expect(await left()).toBe(3);
});
