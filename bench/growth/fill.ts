/** Makes a database look as it does after many payments: copies of one real payment, spread over the time before it. */
import pg from 'pg';
import { RELAY_CURSOR } from '../../src/kernel/outbox/relay.js';
import { CONSUMERS } from '../../src/contracts/consumers.js';
import { BenchError } from '../bench-error.js';
import { checkpoint } from '../scratch-database.js';
import type { Stage } from '../stage.js';
import { mustHaveRoom } from './disk.js';
import { accountsAfter, PAYMENT_ROWS, type CopiedRows } from './payment-rows.js';

/** Over how long the payments came in: a month of 10 million is 4 in a second. Decides how many keys and events are still kept. */
export const SPREAD_DAYS = 30;
/** The youngest copy is older than whatever is measured. */
const END_SECONDS_AGO = 60;
/** Copies per statement: seconds of work, after which Ctrl-C is looked for and progress told. */
const CHUNK = 100_000;
/** Enough to sort the keys of an index for ten million rows without many passes. */
const MAINTENANCE_WORK_MEM = '512MB';
const DAY_SECONDS = 86_400;

/** @param databaseUrl holds one payment that has come to its end, and nothing is running on it */
export async function fill(stage: Stage, databaseUrl: string, payments: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`SET synchronous_commit = off; SET maintenance_work_mem = '${MAINTENANCE_WORK_MEM}'`);
    // Spares foreign keys from being looked up row by row. Where the user may not, it goes without.
    await client.query('SET session_replication_role = replica').catch(() => undefined);
    await makePartitions(client);
    const copying: string[] = [];
    for (const rows of PAYMENT_ROWS) copying.push(await copyStatement(client, rows, payments));
    const constraints = await dropConstraints(client);
    const startedAt = Date.now();
    for (let first = 1; first <= payments; first += CHUNK) {
      await mustHaveRoom(stage);
      const last = Math.min(payments, first + CHUNK - 1);
      for (const sql of copying) {
        stage.signal.throwIfAborted();
        await client.query(sql, [first, last]);
      }
      stage.say(`    ${progress(last, payments, startedAt)}`);
    }
    stage.say('    indexes, statistics');
    for (const sql of constraints) await client.query(sql);
    await client.query(accountsAfter(payments));
    await setCursors(client);
    // As autovacuum would have done by now.
    await client.query('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
  await checkpoint(stage.services.postgres.adminUrl);
}

function progress(done: number, all: number, startedAt: number): string {
  const share = done / all;
  const left = ((Date.now() - startedAt) / 1_000) * (1 / share - 1);
  const rest = share === 1 ? '' : `, about ${Math.ceil(left / 60)} min left`;
  return `${done.toLocaleString('en-US')} payments${rest}`;
}

/** Those of the days that the events go back, which the program would have made day by day. */
async function makePartitions(client: pg.Client): Promise<void> {
  await client.query(`DO $$
    DECLARE
      parent text;
      day timestamptz;
    BEGIN
      FOREACH parent IN ARRAY ARRAY['outbox', 'inbox'] LOOP
        FOR day IN SELECT date_trunc('day', now(), 'UTC') - make_interval(days => back) FROM generate_series(2, 4) AS back LOOP
          EXECUTE format('CREATE TABLE messaging.%I PARTITION OF messaging.%I FOR VALUES FROM (%L) TO (%L)',
            parent || '_' || to_char(day AT TIME ZONE 'UTC', 'YYYYMMDD'), parent, day, day + interval '1 day');
        END LOOP;
      END LOOP;
    END $$`);
}

/** Keeps the real payment's rows aside. @returns the statement that makes the copies from $1 to $2 */
async function copyStatement(client: pg.Client, rows: CopiedRows, payments: number): Promise<string> {
  const sample = `pg_temp.${rows.table.replace('.', '_')}`;
  await client.query(`CREATE TEMPORARY TABLE ${rows.table.replace('.', '_')} AS ${rows.sample}`);
  const { rows: columns } = await client.query<{ name: string }>(
    `SELECT quote_ident(attname) AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [rows.table],
  );
  const unknown = Object.keys(rows.own).find((column) => !columns.some(({ name }) => name === column));
  if (unknown !== undefined)
    throw new BenchError(`${rows.table} has no column ${unknown}: payment-rows.ts is out of date`);
  const written = columns.map(({ name }) => name).filter((name) => rows.own[name] !== null);
  const { rows: now } = await client.query<{ end: string }>(
    `SELECT (extract(epoch FROM now())::bigint - ${END_SECONDS_AGO})::text AS end`,
  );
  const stepSeconds = (SPREAD_DAYS * DAY_SECONDS) / Math.max(1, payments);
  const kept = rows.keptHours === undefined ? '' : `WHERE at > now() - interval '${rows.keptHours} hours'`;
  return `INSERT INTO ${rows.table} (${written.join(', ')})
    SELECT ${written.map((name) => rows.own[name] ?? `sample.${name}`).join(', ')}
      FROM generate_series($1::bigint, $2::bigint) AS n
     CROSS JOIN LATERAL (SELECT to_timestamp(${now[0]?.end} - (${payments} - n) * ${stepSeconds}::float8) AS at) AS time
     CROSS JOIN ${sample} AS sample ${kept}`;
}

/** Drops what is faster made afterwards. @returns the statements that make it again */
async function dropConstraints(client: pg.Client): Promise<readonly string[]> {
  const again: string[] = [];
  for (const { table, randomOrder } of PAYMENT_ROWS) {
    if (randomOrder === undefined) continue;
    const { rows } = await client.query<{ definition: string }>(
      'SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = $1::regclass AND conname = $2',
      [table, randomOrder],
    );
    await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${randomOrder}`);
    again.push(`ALTER TABLE ${table} ADD CONSTRAINT ${randomOrder} ${rows[0]?.definition}`);
  }
  return again;
}

/** All of it has been relayed, and seen to be applied. */
async function setCursors(client: pg.Client): Promise<void> {
  const last = 'SELECT xid, seq, created_at FROM messaging.outbox ORDER BY xid DESC, seq DESC LIMIT 1';
  await client.query(
    `UPDATE messaging.relay_cursor SET xid = last.xid, seq = last.seq FROM (${last}) AS last WHERE name = $1`,
    [RELAY_CURSOR],
  );
  await client.query(
    `INSERT INTO messaging.consumer_progress (consumer, xid, seq, event_created_at)
     SELECT consumer, xid, seq, created_at FROM unnest($1::text[]) AS consumer CROSS JOIN (${last}) AS last
     ON CONFLICT (consumer) DO UPDATE SET xid = EXCLUDED.xid, seq = EXCLUDED.seq, event_created_at = EXCLUDED.event_created_at`,
    [CONSUMERS.map(({ name }) => name)],
  );
}
