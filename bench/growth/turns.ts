/** Measuring in turns: whatever else the machine does meanwhile weighs on what is compared alike. */
import { round } from '../figures.js';

/** One run of a measurement. */
export interface Rate {
  readonly perSecond: number;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Each of the items once on the way there and once on the way back: 1, 2, 4, 4, 2, 1; and again as often as `times` says. */
export async function thereAndBack<Item, Result>(
  items: readonly Item[],
  measure: (item: Item) => Promise<Result>,
  times = 1,
): Promise<ReadonlyMap<Item, readonly Result[]>> {
  const results = new Map<Item, Result[]>(items.map((item) => [item, []]));
  const path = [...items, ...[...items].reverse()];
  for (let time = 0; time < times; time += 1) {
    for (const item of path) results.get(item)?.push(await measure(item));
  }
  return results;
}

/**
 * The median of all runs: one that something disturbed is left aside. With two it is their mean. The details are those of the last
 * run, with what each of them measured.
 */
export function medianOf(rates: readonly Rate[]): Rate {
  const values = rates.map((rate) => rate.perSecond);
  const sorted = [...values].sort((a, b) => a - b);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return { perSecond: (lower + upper) / 2, details: { ...rates.at(-1)?.details, runs: values.map(round) } };
}
