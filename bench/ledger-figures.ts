/** Transfers per second through the ledger's posting call (ledger.ts), on few and on many accounts. */
import { runChild } from './child-task.js';
import type { LedgerInput } from './children/ledger-program.js';
import type { Figures } from './figures.js';
import type { LedgerBench } from './ledger.js';
import { checkpoint } from './scratch-database.js';
import type { Stage } from './stage.js';

/** It takes about ten seconds, and some more to check its books. */
const TIMEOUT_MS = 60_000;
const AIMS = { accounts10: 25_000, accounts1000: 20_000 } as const;

export async function benchLedgerFigures(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  await checkpoint(stage.services.postgres.adminUrl);
  const input: LedgerInput = { databaseUrl };
  const result = await runChild<LedgerBench>({
    file: 'ledger-program.ts',
    input,
    signal: stage.signal,
    timeoutMs: TIMEOUT_MS,
  });
  for (const what of ['accounts10', 'accounts1000'] as const) {
    figures.add({
      name: `ledger.${what}`,
      value: result[what],
      unit: 'transfers/s',
      ratioTo: 'sql_floor.c64',
      aim: { of: 'value', bound: 'at_least', limit: AIMS[what] },
      details: { checked: 'every account and transfer agreed with its entries afterwards' },
    });
  }
  await stage.databases.drop(databaseUrl);
}
