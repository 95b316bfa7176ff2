/** A day of 200,000 payments against the gateway's file, with a thousand discrepancies: how long, how much memory, and all found. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { FOUND_BREAKS, ODD, plantDay, PLANTS, storeDay, type PlantedDay } from '../test/support/planted-day.js';
import { BenchError } from './bench-error.js';
import { runChild } from './child-task.js';
import type { ReconcileInput, ReconcileResult } from './children/reconcile.js';
import type { Figures } from './figures.js';
import type { Stage } from './stage.js';

const PAYMENTS = 200_000;
/** Of each of the seventeen kinds: a thousand and three. */
const OF_EACH_KIND = 59;
/** Of each of the odd ones that are none. */
const ODD_ONES = 40;
const DAY_MS = 86_400_000;
const ACCOUNT = '01890000-0000-7000-8000-00000000000a';
const MAX_SECONDS = 60;
const MAX_MIB = 1_024;
const CHILD_TIMEOUT_MS = 600_000;

const each = <Name extends string>(names: readonly Name[], count: number) =>
  Object.fromEntries(names.map((name) => [name, count])) as Record<Name, number>;

export async function benchReconciliation(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sankofa-bench-'));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const from = Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS;
    const day = plantDay({
      seed: 1,
      gatewayAccountId: ACCOUNT,
      merchantId: ACCOUNT,
      day: new Date(from),
      plain: PAYMENTS - PLANTS.length * OF_EACH_KIND - ODD.length * ODD_ONES,
      plants: each(PLANTS, OF_EACH_KIND),
      odd: each(ODD, ODD_ONES),
    });
    await storeDay((sql, values) => client.query(sql, values), day);
    await client.query('ANALYZE reconciliation.record, reconciliation.movement');
    const file = path.join(folder, 'day.jsonl');
    await writeLines(file, day);
    const input: ReconcileInput = { databaseUrl, gatewayAccountId: ACCOUNT, from, to: from + DAY_MS, file };
    const task = (given: ReconcileInput) =>
      runChild<ReconcileResult>({
        file: 'reconcile.ts',
        input: given,
        signal: stage.signal,
        timeoutMs: CHILD_TIMEOUT_MS,
      });
    const first = await task(input);
    const { rows } = await client.query<{ found: string }>(FOUND_BREAKS, [ACCOUNT]);
    compare(rows.map(({ found }) => found).toSorted(), day.breaks);
    const second = await task({ ...input, file: null });
    const { opened, changed, closed } = second.counts;
    if (opened + changed + closed > 0) throw new BenchError('a second run changed something');
    report(figures, { day, first, second });
  } finally {
    await client.end();
    await rm(folder, { recursive: true, force: true });
    await stage.databases.drop(databaseUrl);
  }
}

async function writeLines(file: string, { lines }: PlantedDay): Promise<void> {
  const stream = createWriteStream(file);
  for (const line of lines) {
    const text = JSON.stringify(line, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    if (!stream.write(`${text}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}

/** @throws {BenchError} unless all that was planted was found, and nothing else */
function compare(found: readonly string[], planted: readonly string[]): void {
  const [isFound, isPlanted] = [new Set(found), new Set(planted)];
  const missed = planted.filter((one) => !isFound.has(one));
  const invented = found.filter((one) => !isPlanted.has(one));
  if (missed.length + invented.length + (found.length - isFound.size) > 0)
    throw new BenchError(
      `${missed.length} planted discrepancies were missed (${missed.slice(0, 3).join('; ')}), ` +
        `${invented.length} invented (${invented.slice(0, 3).join('; ')})`,
    );
}

function report(
  figures: Figures,
  {
    day,
    first,
    second,
  }: { readonly day: PlantedDay; readonly first: ReconcileResult; readonly second: ReconcileResult },
): void {
  const details = {
    records: day.records.length,
    lines: day.lines.length,
    movements: day.movements.length,
    planted: day.breaks.length,
    found: first.counts.opened,
    taking_in_seconds: first.takeSeconds,
    comparing_seconds: first.runSeconds,
  };
  figures.add({
    name: 'reconciliation.day',
    value: first.takeSeconds + first.runSeconds,
    unit: 's',
    ratioTo: 'the second run, which writes nothing',
    reference: second.runSeconds,
    aim: { of: 'value', bound: 'at_most', limit: MAX_SECONDS },
    details,
  });
  figures.add({
    name: 'memory.reconciliation_peak',
    value: first.peakBytes / 1_048_576,
    unit: 'MiB',
    ratioTo: 'memory.start',
    aim: { of: 'value', bound: 'at_most', limit: MAX_MIB },
    details: { measure: 'resident set size, the most there was', second_run_mib: second.peakBytes / 1_048_576 },
  });
}
