/** The ledger's proof over a million entries (children/ledger-proof.ts). */
import { BenchError } from './bench-error.js';
import { runChild } from './child-task.js';
import type { LedgerProofInput, LedgerProofResult } from './children/ledger-proof.js';
import type { Figures } from './figures.js';
import type { Stage } from './stage.js';

const ENTRIES = 1_000_000;
const ACCOUNTS = 1_000;
const MAX_SECONDS = 60;
const MAX_MIB = 512;
const TIMEOUT_MS = 900_000;

export async function benchLedgerProof(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  const input: LedgerProofInput = { databaseUrl, entries: ENTRIES, accounts: ACCOUNTS };
  const result = await runChild<LedgerProofResult>({
    file: 'ledger-proof.ts',
    input,
    signal: stage.signal,
    timeoutMs: TIMEOUT_MS,
  });
  if (result.found.join() !== result.planted.join())
    throw new BenchError(`planted: ${result.planted.join(', ')}; found: ${result.found.slice(0, 10).join(', ')}`);
  figures.add({
    name: 'ledger_proof.verify',
    value: result.verifySeconds,
    unit: 's',
    ratioTo: 'chaining the same entries',
    reference: result.chainSeconds,
    aim: { of: 'value', bound: 'at_most', limit: MAX_SECONDS },
    details: {
      entries: ENTRIES,
      blocks: result.blocks,
      leaves: result.leaves,
      chain_seconds: result.verifyChainSeconds,
      books_seconds: result.verifyBooksSeconds,
      with_damage_seconds: result.damagedSeconds,
      planted: result.planted,
      microseconds_an_entry_hashed_in_sql: result.hashedInSql,
      microseconds_an_entry_hashed_here: result.hashedHere,
    },
  });
  figures.add({
    name: 'ledger_proof.chain',
    value: Math.round(result.leaves / result.chainSeconds),
    unit: 'leaves/s',
    ratioTo: 'transfers posted per second',
    reference: median(result.alone),
    details: { bytes_per_entry: Math.round(result.chainBytes / ENTRIES) },
  });
  inTurns(figures, 'ledger_proof.posting', 'the same while nothing is chained, in turns', [
    result.besideChaining,
    result.alone,
  ]);
  inTurns(figures, 'ledger_proof.holding', 'the same without the triggers that note what has no entries, in turns', [
    result.withTriggers,
    result.withoutTriggers,
  ]);
  figures.add({
    name: 'memory.ledger_verify_peak',
    value: result.peakBytes / 1_048_576,
    unit: 'MiB',
    ratioTo: 'memory.start',
    aim: { of: 'value', bound: 'at_most', limit: MAX_MIB },
    details: { measure: 'resident set size of the process that posted, chained and verified, the most there was' },
  });
  await stage.databases.drop(databaseUrl);
}

/** The ratio is the median of the ratios of each turn: what the machine does besides meets both halves of a turn. */
function inTurns(
  figures: Figures,
  name: string,
  ratioTo: string,
  [these, those]: readonly [readonly number[], readonly number[]],
): void {
  const value = median(these);
  const ratio = median(these.map((each, turn) => each / (those[turn] ?? Number.NaN)));
  figures.add({ name, value, unit: 'transfers/s', ratioTo, reference: value / ratio, details: { these, those } });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
