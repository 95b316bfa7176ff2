/** One transaction per payment from Node, for machines without pgbench: prepared once, then one round trip per transaction. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { roleOf } from '../../src/kernel/database/database.js';
import { floorStatements } from '../floor-statements.js';

export interface SqlClientInput {
  readonly databaseUrl: string;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface SqlClientResult {
  readonly perSecond: number;
}

export async function run({ databaseUrl, connections, warmUpMs, measureMs }: SqlClientInput): Promise<SqlClientResult> {
  const names = ['floor_key', 'floor_payment', 'floor_event'];
  const statements = floorStatements({ run: '$1::text', client: '$2::bigint', number: '$3::bigint' });
  // Several runs share a database.
  const runName = randomBytes(6).toString('hex');
  let done = 0;
  let running = true;
  const work = async (client: number): Promise<void> => {
    const connection = new pg.Client({ connectionString: databaseUrl, options: `-c role=${roleOf('payments')}` });
    await connection.connect();
    for (const [index, sql] of statements.entries())
      await connection.query(`PREPARE ${names[index]} (text, bigint, bigint) AS ${sql}`);
    for (let number = 0; running; number += 1) {
      const calls = names.map((name) => `EXECUTE ${name} ('${runName}', ${client}, ${number})`);
      await connection.query(['BEGIN', ...calls, 'COMMIT'].join('; '));
      done += 1;
    }
    await connection.end();
  };
  const all = Promise.all(Array.from({ length: connections }, (_, client) => work(client)));
  await Promise.race([sleep(warmUpMs), all]);
  const before = done;
  const startedAt = performance.now();
  await Promise.race([sleep(measureMs), all]);
  const perSecond = (done - before) / ((performance.now() - startedAt) / 1_000);
  running = false;
  await all;
  return { perSecond };
}
