import type { Floats } from '../../floats.js';
import type { Gateway, Route } from '../../gateway.js';
import { done } from './answers.js';
import { CURRENCIES } from './charge-request.js';
import { subunits } from './subunits.js';

/** `GET /balance`: what can be paid out, in each currency. */
export function balanceRoute(floats: Floats, gateway: () => Gateway): Route {
  return {
    method: 'GET',
    path: /^\/balance\/?$/,
    operation: 'other',
    handle: ({ account }) => {
      const data = CURRENCIES.map((currency) => {
        const { available } = floats.of(gateway(), account.name, currency);
        return { currency, balance: subunits(available, currency) };
      });
      return { answer: done('Balances retrieved', data) };
    },
  };
}
