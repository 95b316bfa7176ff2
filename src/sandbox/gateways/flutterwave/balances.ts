import type { Floats } from '../../floats.js';
import type { Call, Gateway, Reply, Route } from '../../gateway.js';
import type { JsonObject } from '../../wire.js';
import { major } from './amounts.js';
import { done, refuse } from './answers.js';

/** The currencies of the wallets, whether anything was ever moved in them or not. */
export const CURRENCIES = ['NGN', 'GHS', 'KES', 'UGX', 'TZS', 'RWF', 'ZMW', 'ZAR', 'XOF', 'XAF', 'USD', 'EUR', 'GBP'];

/** `/v3/balances`, which is not in the stored pages: its shape is from memory. */
export function balanceRoutes(floats: Floats, gateway: () => Gateway): Route[] {
  const balanceOf = (call: Call, currency: string): JsonObject => {
    const { available, balance } = floats.of(gateway(), call.account.name, currency);
    return { currency, available_balance: major(available, currency), ledger_balance: major(balance, currency) };
  };
  const all = (call: Call): Reply => {
    const data = CURRENCIES.map((currency) => balanceOf(call, currency));
    return { answer: done('Wallet balances fetched', data) };
  };
  const one = (call: Call): Reply => {
    const currency = (call.params[0] ?? '').toUpperCase();
    if (!CURRENCIES.includes(currency)) return { answer: refuse(400, 'No wallet for this currency') };
    return { answer: done('Wallet balance fetched', balanceOf(call, currency)) };
  };
  return [
    { method: 'GET', path: /^\/v3\/balances\/?$/, operation: 'other', handle: all },
    { method: 'GET', path: /^\/v3\/balances\/(\w+)\/?$/, operation: 'other', handle: one },
  ];
}
