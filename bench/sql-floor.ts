/**
 * What one transaction per payment costs on this PostgreSQL, whoever sends it: the naive way to do what accepting does.
 * The same three rows in the same tables, in one transaction each. This is the yardstick of the run.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { roleOf } from '../src/kernel/database/database.js';
import { BenchError } from './bench-error.js';
import { runChild } from './child-task.js';
import { floorStatements, type FloorVariables } from './floor-statements.js';
import type { SqlClientInput, SqlClientResult } from './children/sql-client.js';
import type { Figures } from './figures.js';
import { checkpoint } from './scratch-database.js';
import type { Stage } from './stage.js';

/** Connections are opened, plans are made, and the first pages of the tables are filled. */
const WARM_UP_SECONDS = 2;
/** Beyond the measurement itself: a client that has not ended by then does not. */
const PATIENCE_MS = 30_000;
/** pgbench's own processes: one per core of the machine this is aimed at. */
const PGBENCH_THREADS = 2;

export interface FloorResult {
  readonly perSecond: number;
  /** Who sent it. */
  readonly client: string;
  readonly connections: number;
}

/** `sql_floor.c<connections>`: with as many connections as PostgreSQL has to spare, if those are fewer. */
export async function measureFloor(
  stage: Stage,
  databaseUrl: string,
  connections: number,
  figures: Figures,
): Promise<void> {
  const used = Math.min(connections, stage.services.postgres.spareConnections);
  await checkpoint(stage.services.postgres.adminUrl);
  const floor = await runFloor(stage, databaseUrl, used, false);
  const details: Record<string, unknown> = { client: floor.client, connections: used };
  if (used < connections)
    details['note'] = `PostgreSQL has ${used} connections to spare, so ${used} stand for ${connections}`;
  figures.add({
    name: `sql_floor.c${connections}`,
    value: floor.perSecond,
    unit: 'payments/s',
    ratioTo: `sql_floor.c${connections}`,
    reference: floor.perSecond,
    details,
  });
}

/** The same in one round trip per transaction instead of five, to tell the cost of the round trips from that of the work. */
export async function measurePipelinedFloor(
  stage: Stage,
  databaseUrl: string,
  connections: number,
  figures: Figures,
): Promise<void> {
  const name = `sql_floor.pipelined.c${connections}`;
  if (stage.services.pgbench === undefined) {
    figures.skip(
      name,
      'there is no pgbench on PATH; the client used instead sends each transaction in one round trip anyway',
    );
    return;
  }
  const used = Math.min(connections, stage.services.postgres.spareConnections);
  await checkpoint(stage.services.postgres.adminUrl);
  const floor = await runFloor(stage, databaseUrl, used, true);
  figures.add({
    name,
    value: floor.perSecond,
    unit: 'payments/s',
    ratioTo: `sql_floor.c${connections}`,
    details: { client: floor.client, connections: used },
  });
}

async function runFloor(
  stage: Stage,
  databaseUrl: string,
  connections: number,
  pipelined: boolean,
): Promise<FloorResult> {
  const { pgbench } = stage.services;
  if (pgbench === undefined) return runOwnClient(stage, databaseUrl, connections);
  const seconds = Math.max(1, Math.round(stage.measureMs / 1_000));
  const folder = mkdtempSync(path.join(tmpdir(), 'sankofa-floor-'));
  try {
    const script = path.join(folder, 'payment.sql');
    let tps = 0;
    for (const [run, length] of [WARM_UP_SECONDS, seconds].entries()) {
      writeFileSync(script, pgbenchScript(pipelined, `run${run}${pipelined ? 'p' : ''}c${connections}`));
      tps = await runPgbench(stage, databaseUrl, ['-f', script, '-c', String(connections), '-T', String(length)]);
    }
    if (tps === 0) throw new BenchError(`pgbench made no transaction over ${connections} connections in ${seconds} s`);
    return { perSecond: tps, client: `${pgbench}, -M prepared -j ${PGBENCH_THREADS}`, connections };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** pgbench counts `:n` up for each client; a client and its number make the key, the reference and the id. */
function pgbenchScript(pipelined: boolean, run: string): string {
  const variables: FloorVariables = { run: `'${run}'`, client: ':client_id::bigint', number: ':n::bigint' };
  const statements = ['BEGIN', ...floorStatements(variables), 'COMMIT'].map((sql) => `${sql};`);
  const body = pipelined ? ['\\startpipeline', ...statements, '\\endpipeline'] : statements;
  return ['\\set n :n + 1', ...body, ''].join('\n');
}

async function runPgbench({ signal }: Stage, databaseUrl: string, args: readonly string[]): Promise<number> {
  const url = new URL(databaseUrl);
  const flags = ['-n', '-M', 'prepared', '-j', String(PGBENCH_THREADS), '-D', 'n=0', ...args];
  const child = spawn('pgbench', flags, {
    // In the environment, not on the command line, where everybody can read a password.
    env: {
      PATH: process.env['PATH'],
      PGHOST: decodeURIComponent(url.hostname),
      PGPORT: url.port === '' ? '5432' : url.port,
      PGUSER: decodeURIComponent(url.username),
      PGPASSWORD: decodeURIComponent(url.password),
      PGDATABASE: url.pathname.slice(1),
      PGOPTIONS: `-c role=${roleOf('payments')}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const tps = /^tps = (\S+) \(without initial connection time\)/m.exec(output)?.[1];
  if (code !== 0 || tps === undefined)
    throw new BenchError(
      `pgbench failed: ${output.split('\n').find((line) => /error/i.test(line)) ?? output.slice(-500).trim()}`,
    );
  // `nan` where there was no time for a single one.
  return Number.isFinite(Number(tps)) ? Number(tps) : 0;
}

async function runOwnClient(
  { measureMs, signal }: Stage,
  databaseUrl: string,
  connections: number,
): Promise<FloorResult> {
  const input: SqlClientInput = { databaseUrl, connections, warmUpMs: WARM_UP_SECONDS * 1_000, measureMs };
  const result = await runChild<SqlClientResult>({
    file: 'sql-client.ts',
    input,
    signal,
    timeoutMs: WARM_UP_SECONDS * 1_000 + measureMs + PATIENCE_MS,
  });
  return {
    perSecond: result.perSecond,
    client: 'a client of the bench (node-postgres, one round trip per transaction), not pgbench',
    connections,
  };
}
