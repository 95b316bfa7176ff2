/** What ten million entries cost those who post, and those who read an account with a million of them (children/ledger-large.ts). */
import { runChild } from './child-task.js';
import type { LedgerLargeInput, LedgerLargeResult } from './children/ledger-large.js';
import type { Figures } from './figures.js';
import type { Stage } from './stage.js';

const SMALL_ENTRIES = 100_000;
const LARGE_ENTRIES = 10_000_000;
const ACCOUNTS = 1_000;
const LEAST_RATIO = 0.85;
const MOST_MS = 50;
const TIMEOUT_MS = 1_800_000;
const WORST = 0.99;

export async function benchLedgerLarge(stage: Stage, figures: Figures): Promise<void> {
  const [smallUrl, largeUrl] = [await stage.databases.copy(), await stage.databases.copy()];
  const input: LedgerLargeInput = {
    smallUrl,
    largeUrl,
    smallEntries: SMALL_ENTRIES,
    largeEntries: LARGE_ENTRIES,
    accounts: ACCOUNTS,
  };
  const result = await runChild<LedgerLargeResult>({
    file: 'ledger-large.ts',
    input,
    signal: stage.signal,
    timeoutMs: TIMEOUT_MS,
  });
  const { large, small, entries, accountEntries } = result;
  const value = quantile(large, 0.5);
  const ratio = quantile(
    large.map((each, turn) => each / (small[turn] ?? Number.NaN)),
    0.5,
  );
  figures.add({
    name: 'ledger_large.posting',
    value,
    unit: 'transfers/s',
    ratioTo: `the same with ${SMALL_ENTRIES} entries, in turns`,
    reference: value / ratio,
    aim: { of: 'ratio', bound: 'at_least', limit: LEAST_RATIO },
    details: { entries, large, small },
  });
  for (const [name, took] of [
    ['statement_page', result.pageMs],
    ['balance_before_a_moment', result.balanceBeforeMs],
    ['balance_on_a_day', result.balanceOnMs],
  ] as const)
    figures.add({
      name: `ledger_large.${name}`,
      value: quantile(took, WORST),
      unit: 'ms',
      ratioTo: 'the median of the same',
      reference: quantile(took, 0.5),
      aim: { of: 'value', bound: 'at_most', limit: MOST_MS },
      details: { measure: 'the 99th percentile of 200 questions', accountEntries },
    });
  for (const url of [smallUrl, largeUrl]) await stage.databases.drop(url);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
