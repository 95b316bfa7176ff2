import type { Accounts } from '../accounts.js';
import type { Charges } from '../charges.js';
import type { Floats } from '../floats.js';
import type { MoneyLedger } from '../ledger.js';
import type { MoneyOut } from '../money-out.js';

/** What every gateway works with. */
export interface World {
  readonly accounts: Accounts;
  readonly charges: Charges;
  readonly floats: Floats;
  readonly ledger: MoneyLedger;
  readonly moneyOut: MoneyOut;
}
