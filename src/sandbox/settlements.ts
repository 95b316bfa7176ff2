import type { Account } from './accounts.js';
import type { Movement, Movements } from './movements.js';
import { Records, type Recorded } from './records.js';
import type { Transaction, Transactions } from './transactions.js';

/** One payment of the gateway to the merchant: charges that were paid, less their fees and what went back. */
export interface Settlement extends Recorded {
  readonly currency: string;
  /** Oldest first. */
  readonly charges: readonly Transaction[];
  readonly refunds: readonly Movement[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** What a charge brings and a refund takes, in one unit of the gateway's choice. */
export interface SettlementWorth {
  ofCharge(charge: Transaction): number;
  ofRefund(refund: Movement): number;
}

/** A gateway's settlements. Each charge and each refund is in one of them at most. */
export class Settlements extends Records<Settlement> {
  private settled = new Set<Transaction | Movement>();

  constructor(private readonly worth: SettlementWorth) {
    super();
  }

  /**
   * Settles all that the account was paid and has not had yet, one settlement for each currency. A refund that would bring
   * the sum below zero waits for the next one; where there is nothing to pay, nothing is settled.
   */
  settle(account: Account, transactions: Transactions, refunds: Movements): Settlement[] {
    const isNew = (each: Transaction | Movement): boolean => each.status === 'succeeded' && !this.settled.has(each);
    const paid = transactions.list(account.name).filter(isNew);
    const givenBack = refunds.list(account.name).filter(isNew);
    return [...new Set(paid.map(({ currency }) => currency))].map((currency) => {
      const charges = paid.filter((charge) => charge.currency === currency);
      const within = this.affordable(
        charges.reduce((sum, charge) => sum + this.worth.ofCharge(charge), 0),
        givenBack.filter((refund) => refund.currency === currency),
      );
      const id = this.nextId();
      const settlement = { id, account, reference: `SETTLE-${id}`, currency, charges, refunds: within };
      for (const each of [...charges, ...within]) this.settled.add(each);
      const dated: Settlement = { ...settlement, createdAt: Date.now() };
      this.add(dated);
      return dated;
    });
  }

  override clear(): void {
    super.clear();
    this.settled = new Set();
  }

  private affordable(sum: number, refunds: readonly Movement[]): Movement[] {
    let left = sum;
    return refunds.filter((refund) => {
      const worth = this.worth.ofRefund(refund);
      if (worth > left) return false;
      left -= worth;
      return true;
    });
  }
}
