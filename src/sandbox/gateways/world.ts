import type { Accounts } from '../accounts.js';
import type { Charges } from '../charges.js';
import type { MoneyLedger } from '../ledger.js';

/** What every gateway works with. */
export interface World {
  readonly accounts: Accounts;
  readonly charges: Charges;
  readonly ledger: MoneyLedger;
}
