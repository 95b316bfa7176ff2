import type { Accounts } from '../accounts.js';
import type { Charges } from '../charges.js';
import type { Gateway } from '../gateway.js';
import type { MoneyLedger } from '../ledger.js';
import { createFlutterwave } from './flutterwave/flutterwave.js';
import { createMtnMomo } from './mtn_momo/mtn-momo.js';
import { createPaystack } from './paystack/paystack.js';

/** What every gateway works with. */
export interface World {
  readonly accounts: Accounts;
  readonly charges: Charges;
  readonly ledger: MoneyLedger;
}

/** The gateways there are. Their order gives their ports, so that a new one goes to the end. */
export function createGateways(world: World): Gateway[] {
  return [createPaystack(world), createFlutterwave(world), createMtnMomo(world)];
}
