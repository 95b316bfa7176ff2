import type { Invariant, Violation } from './invariant.js';

interface Balance {
  readonly merchant_id: string;
  readonly kind: string;
  readonly currency: string;
  readonly free: string;
}

/**
 * No balance of a merchant is below zero, with what is held, and no account at a gateway is. But for a merchant of whose money something left
 * after the gateway had said that it would not: what was free then may have been used.
 */
export const nothingOverdrawn: Invariant = {
  name: 'nothing_overdrawn',
  async check({ query, world, moneyOut }) {
    const late = new Set(
      moneyOut.disbursements
        .filter(({ id, succeeded }) => succeeded && moneyOut.holds.get(id)?.state === 'voided')
        .map(({ merchant_id: id }) => id),
    );
    const balances = await query<Balance & Record<string, unknown>>(
      `SELECT merchant_id, kind, currency, (credits_posted - debits_posted - debits_pending)::text AS free FROM ledger.account
        WHERE merchant_id IS NOT NULL AND kind LIKE 'merchant%' AND credits_posted - debits_posted - debits_pending < 0`,
    );
    const accounts = await query<{ gateway: string; name: string; currency: string }>(
      `SELECT DISTINCT g.gateway, g.name, a.currency FROM ledger.account a JOIN routing.gateway_account g ON g.id::text = a.qualifier
        WHERE a.kind = 'gateway_clearing'`,
    );
    const holdings = await Promise.all(
      accounts.map(async ({ gateway, name, currency }): Promise<readonly Violation[]> => {
        const { balance, available } = await world.sandbox.holdings(gateway, name, currency);
        if (balance >= 0 && available >= 0) return [];
        return [{ text: `account ${name} at ${gateway} holds ${balance} ${currency}, of which ${available} is free` }];
      }),
    );
    return [
      ...balances
        .filter(({ merchant_id: id }) => !late.has(id))
        .map(({ merchant_id: id, kind, currency, free }) => ({
          text: `${kind} of merchant ${id} is at ${free} ${currency}`,
        })),
      ...holdings.flat(),
    ];
  },
};
