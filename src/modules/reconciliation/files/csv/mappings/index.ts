import { bank } from './bank.js';
import { flutterwave } from './flutterwave.js';
import { hubtel } from './hubtel.js';
import { monnify } from './monnify.js';
import { mtnMomo } from './mtn-momo.js';
import { orangeMoney } from './orange-money.js';
import { paystack } from './paystack.js';
import { wave } from './wave.js';

/** One per gateway, by the gateway's name, and one for banks. Operators copy them and adjust the copy. */
export const SHIPPED_GATEWAY_MAPPINGS = [paystack, flutterwave, mtnMomo, monnify, hubtel, orangeMoney, wave] as const;
export const SHIPPED_BANK_MAPPINGS = [bank] as const;
