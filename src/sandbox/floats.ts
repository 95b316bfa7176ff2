import type { Gateway } from './gateway.js';
import type { MoneyLedger } from './ledger.js';

/**
 * What an account holds in each currency before the operator says otherwise: a hundred million in a currency of two
 * decimals, so that a test need not fill it. Integer minor units.
 */
export const DEFAULT_FLOAT_MINOR = 10_000_000_000;

/** What an account has in one currency. Integer minor units. */
export interface Holdings {
  /** What it holds besides what it collected. */
  readonly float: number;
  /** All that it holds. */
  readonly balance: number;
  /** What of it is kept for refunds and payouts on their way. */
  readonly held: number;
  /** What can be paid out now; never below zero. */
  readonly available: number;
}

/**
 * The money that accounts hold to pay out of. By default it is one purse: what was put in, plus what was collected and not
 * given back, less what was paid out. A gateway whose payouts come from a deposit of their own (`wallet: 'deposit'`) pays
 * refunds and payouts out of what was put in alone.
 */
export class Floats {
  private putIn = new Map<string, number>();
  private held = new Map<string, number>();

  constructor(private readonly ledger: MoneyLedger) {}

  /** From now on the account holds `amountMinor` besides what it collected; what is on its way out is not part of it. */
  set(gateway: Gateway, account: string, currency: string, amountMinor: number): void {
    const { float, held } = this.of(gateway, account, currency);
    this.put(gateway, account, currency, amountMinor - float + held);
  }

  /** From now on the account holds `amountMinor` in all, as if it had been settled, or filled up; what is on its way out is not part of it. */
  setBalance(gateway: Gateway, account: string, currency: string, amountMinor: number): void {
    const { balance, held } = this.of(gateway, account, currency);
    this.put(gateway, account, currency, amountMinor - balance + held);
  }

  of(gateway: Gateway, account: string, currency: string): Holdings {
    const key = `${gateway.name} ${account} ${currency}`;
    const { charge, refund, payout, payout_return: returned } = this.ledger.moved(gateway.name, account, currency);
    const held = this.held.get(key) ?? 0;
    const isDeposit = gateway.moneyOut?.wallet === 'deposit';
    const float = this.putInto(key) - payout + returned - (isDeposit ? refund : 0);
    const balance = isDeposit ? float : float + charge - refund;
    return { float, balance, held, available: balance - held };
  }

  /** What the gateway pays to the bank is no longer there. A deposit of its own has nothing that was collected. */
  settle(gateway: Gateway, account: string, currency: string, amountMinor: number): void {
    if (gateway.moneyOut?.wallet !== 'deposit') this.put(gateway, account, currency, -amountMinor);
  }

  /** Keeps (or with a negative amount frees) part of the balance. */
  hold(gateway: string, account: string, currency: string, amountMinor: number): void {
    const key = `${gateway} ${account} ${currency}`;
    this.held.set(key, (this.held.get(key) ?? 0) + amountMinor);
  }

  /** Back to the default, everywhere. */
  clear(): void {
    this.putIn = new Map();
    this.held = new Map();
  }

  private put(gateway: Gateway, account: string, currency: string, moreMinor: number): void {
    const key = `${gateway.name} ${account} ${currency}`;
    this.putIn.set(key, this.putInto(key) + moreMinor);
  }

  private putInto(key: string): number {
    return this.putIn.get(key) ?? DEFAULT_FLOAT_MINOR;
  }
}
