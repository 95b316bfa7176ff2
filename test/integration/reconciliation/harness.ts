/** Reconciliation's own parts on a real database, without the relay. */
import { Database } from '../../../src/kernel/database/database.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { takeLines } from '../../../src/modules/reconciliation/lines/take-lines.js';
import { RunEngine, type EngineOptions } from '../../../src/modules/reconciliation/runs/engine.js';
import { claimRun, findRun, insertRun, type Run } from '../../../src/modules/reconciliation/runs/runs.store.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { FOUND_BREAKS, inBatches, storeDay, type PlantedDay } from '../../support/planted-day.js';

export const DAY_MS = 86_400_000;
/** Long enough ago that nothing of it is still under way. */
export const DAY = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS);

export interface Harness {
  readonly database: TestDatabase;
  readonly ours: Database;
  close(): Promise<void>;
}

export async function startHarness(): Promise<Harness> {
  const database = await createTestDatabase();
  const ours = new Database({ url: database.url, owner: 'reconciliation', poolSize: 4 });
  return {
    database,
    ours,
    close: async () => {
      await ours.close();
      await database.drop();
    },
  };
}

/** Everything that a day's three sides say. */
export async function takeDay({ database, ours }: Harness, account: string, day: PlantedDay): Promise<void> {
  await storeDay((sql, values) => database.query(sql, values), day);
  await takeLines(
    ours,
    {
      kind: 'file',
      name: 'day.csv',
      gatewayAccountId: account,
      gateway: 'paystack',
      livemode: true,
      from: DAY,
      to: new Date(DAY.getTime() + DAY_MS),
      checksum: null,
      covers: ['payment', 'refund', 'payout'],
    },
    inBatches(day.lines),
  );
}

export async function askForRun(
  { ours }: Pick<Harness, 'ours'>,
  account: string,
  job: string = newUuid(),
): Promise<Run> {
  const { run } = await insertRun(ours, {
    id: newUuid(),
    job,
    gatewayAccountId: account,
    gateway: 'paystack',
    livemode: true,
    from: DAY,
    to: new Date(DAY.getTime() + DAY_MS),
    sourceId: null,
    requestedBy: null,
  });
  return run;
}

/** Takes up the run that is due and works through it. */
export async function workThrough(
  { ours }: Pick<Harness, 'ours'>,
  options: Omit<EngineOptions, 'database'> = {},
): Promise<Run> {
  const claimed = await claimRun(ours);
  if (claimed === undefined) throw new Error('no run is due');
  await new RunEngine({ database: ours, ...options }).work(claimed);
  const run = await findRun(ours, claimed.id);
  if (run === undefined) throw new Error('the run is gone');
  return run;
}

export async function foundBreaks({ database }: Harness, account: string): Promise<readonly string[]> {
  const rows = await database.query<{ found: string }>(FOUND_BREAKS, [account]);
  return rows.map(({ found }) => found).toSorted();
}

/** How many records are matched, by rule. */
export async function matchedRecords({ database }: Harness, account: string): Promise<Record<string, number>> {
  const rows = await database.query<{ rule: string; count: number }>(
    `SELECT m.rule, count(DISTINCT m.attempt_id)::int AS count FROM reconciliation.match m
       JOIN reconciliation.record r USING (attempt_id) WHERE r.gateway_account_id = $1 GROUP BY m.rule`,
    [account],
  );
  return Object.fromEntries(rows.map(({ rule, count }) => [rule, count]));
}

/** Every row that a run writes, with which transaction wrote it: equal before and after when nothing was. */
export async function everyResult({ database }: Harness, account: string): Promise<readonly unknown[]> {
  return database.query(
    `SELECT m.xmin::text, m.attempt_id::text || m.line_id AS key, m.rule FROM reconciliation.match m
       JOIN reconciliation.record r USING (attempt_id) WHERE r.gateway_account_id = $1
     UNION ALL SELECT xmin::text, id::text, kind FROM reconciliation.break WHERE gateway_account_id = $1 ORDER BY 2`,
    [account],
  );
}

/** The same, as far as it may be compared between two accounts or two ways to come there. */
export async function everyDecision({ database }: Harness, account: string): Promise<readonly unknown[]> {
  return database.query(
    `SELECT r.key AS subject, l.gateway_id AS other, m.rule AS what, m.score::text AS score, m.explanation AS detail FROM reconciliation.match m
       JOIN reconciliation.record r USING (attempt_id) JOIN reconciliation.line l ON l.id = m.line_id WHERE r.gateway_account_id = $1
     UNION ALL SELECT subject_id::text, line_id::text, side || ' ' || kind, amount::text, differences::text
       FROM reconciliation.break WHERE gateway_account_id = $1 AND closed_at IS NULL ORDER BY 1, 2, 3`,
    [account],
  );
}

/** An event as a consumer hears it; its payload is what its contract allows. */
export function stored(
  definition: { readonly type: string; readonly schema: { parse(payload: unknown): unknown } },
  payload: unknown,
): StoredEvent {
  return {
    id: newUuid(),
    type: definition.type,
    aggregateType: 'test',
    aggregateId: newUuid(),
    merchantId: null,
    payload: definition.schema.parse(payload),
    headers: { correlation_id: 'req_test' },
    createdAt: new Date(),
  };
}
