/** How fast what was captured becomes available: 100,000 captures of a thousand merchants, and of one. */
import { BenchError } from './bench-error.js';
import { runChild } from './child-task.js';
import type { SettleInput, SettleResult } from './children/settle.js';
import type { Figures } from './figures.js';
import type { Stage } from './stage.js';

const CAPTURES = 100_000;
const MERCHANTS = 1_000;
const CHILD_TIMEOUT_MS = 600_000;

export async function benchSettlement(stage: Stage, figures: Figures): Promise<void> {
  for (const [name, merchants] of [
    ['thousand_merchants', MERCHANTS],
    ['one_merchant', 1],
  ] as const) {
    const databaseUrl = await stage.databases.copy();
    try {
      const input: SettleInput = { databaseUrl, merchants, captures: CAPTURES };
      const result = await runChild<SettleResult>({
        file: 'settle.ts',
        input,
        signal: stage.signal,
        timeoutMs: CHILD_TIMEOUT_MS,
      });
      if (result.releases < merchants) throw new BenchError('merchants were left out');
      figures.add({
        name: `settlement.${name}`,
        value: CAPTURES / result.releaseSeconds,
        unit: '/s',
        ratioTo: 'booking the same',
        reference: CAPTURES / result.bookSeconds,
        details: { measure: 'captures released', captures: CAPTURES, merchants, releases: result.releases },
      });
    } finally {
      await stage.databases.drop(databaseUrl);
    }
  }
}
