/** The ledger's posting call in a process of its own. */
import { benchLedger, type LedgerBench } from '../ledger.js';

export interface LedgerInput {
  readonly databaseUrl: string;
}

export function run({ databaseUrl }: LedgerInput): Promise<LedgerBench> {
  return benchLedger(databaseUrl);
}
