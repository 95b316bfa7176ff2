import type { Accounts } from '../accounts.js';
import type { Charges } from '../charges.js';
import type { Floats } from '../floats.js';
import type { Gateway } from '../gateway.js';
import type { MoneyLedger } from '../ledger.js';
import type { MoneyOut } from '../money-out.js';
import type { Transactions } from '../transactions.js';

/** What every gateway works with. */
export interface World {
  readonly accounts: Accounts;
  readonly charges: Charges;
  readonly floats: Floats;
  readonly ledger: MoneyLedger;
  readonly moneyOut: MoneyOut;
}

/** What the endpoints of one gateway share. They are made before the gateway that holds them, so that it comes as a function. */
export interface Office extends World {
  readonly transactions: Transactions;
  readonly gateway: () => Gateway;
}
