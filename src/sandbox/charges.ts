import type { Announcer } from './announcer.js';
import { planCharge } from './charge-plan.js';
import type { Struck } from './faults.js';
import type { Gateway } from './gateway.js';
import type { MoneyLedger } from './ledger.js';
import type { Timers } from './timers.js';
import type { NewCharge, Transaction } from './transactions.js';

/** How long the imaginary customer takes to approve: long enough to be seen as pending, short for a test. Milliseconds. */
export const APPROVAL_MS = 50;

/** By how much a `wrong_amount` charge misses: below the request where it can be, else above. Minor units. */
const WRONG_BY_MINOR = 100;

/** A forger shoots once: a receiver that refuses the forgery must not see it again. */
const FORGER_RETRIES: readonly number[] = [];

/** Makes charges live: asks the imaginary customer, books what they pay, and tells the client by webhook. */
export class Charges {
  constructor(
    private readonly ledger: MoneyLedger,
    private readonly timers: Timers,
    private readonly announcer: Announcer,
  ) {}

  open(gateway: Gateway, charge: NewCharge, struck: Struck): Transaction {
    const { start, ...rest } = charge;
    const common = planCharge(struck, charge.customer.phone, gateway.declineCodes);
    const plan = gateway.adjustPlan?.(charge, common) ?? common;
    const transaction: Transaction = {
      ...rest,
      id: gateway.transactions.nextId(),
      gateway: gateway.name,
      plan,
      createdAt: Date.now(),
      status: start === 'invited' ? 'invited' : 'pending',
      chargedMinor: plan.wrongAmount ? wrongAmount(charge.requestedMinor) : charge.requestedMinor,
    };
    gateway.transactions.add(transaction);
    if (plan.forgedWebhook) this.announcer.deliver(gateway, gateway.forgedWebhook(transaction), FORGER_RETRIES);
    if (start !== 'invited') this.ask(gateway, transaction, start === 'instant' ? 0 : APPROVAL_MS);
    return transaction;
  }

  /** The customer opened the page or gave the code: from here they are asked like anybody else. */
  begin(gateway: Gateway, transaction: Transaction): void {
    if (transaction.status !== 'invited') return;
    transaction.status = 'pending';
    this.ask(gateway, transaction, APPROVAL_MS);
  }

  /** The customer pays. Also a failed charge can still be paid: that is a late success. */
  approve(gateway: Gateway, transaction: Transaction): boolean {
    if (transaction.status === 'succeeded' || gateway.isClosed?.(transaction) === true) return false;
    transaction.status = 'succeeded';
    transaction.finishedAt = Date.now();
    delete transaction.declineCode;
    this.ledger.record({
      kind: 'charge',
      gateway: gateway.name,
      account: transaction.account.name,
      reference: transaction.reference,
      amount: transaction.chargedMinor,
      currency: transaction.currency,
      at: transaction.finishedAt,
    });
    this.announce(gateway, transaction);
    return true;
  }

  /** The customer, or their bank, refuses; `code` in the provider's words. */
  decline(gateway: Gateway, transaction: Transaction, code: string): boolean {
    if (transaction.status === 'succeeded' || transaction.status === 'failed') return false;
    if (gateway.isClosed?.(transaction) === true) return false;
    transaction.status = 'failed';
    transaction.finishedAt = Date.now();
    transaction.declineCode = code;
    this.announce(gateway, transaction);
    return true;
  }

  /** Sends the webhook of a finished transaction once more. */
  resend(gateway: Gateway, transaction: Transaction): void {
    this.announcer.deliver(gateway, gateway.webhook(transaction));
  }

  private ask(gateway: Gateway, transaction: Transaction, usualMs: number): void {
    const { approveAfterMs } = transaction.plan;
    if (approveAfterMs === null) return;
    const waitMs = approveAfterMs ?? usualMs;
    if (waitMs === 0) this.settle(gateway, transaction);
    else this.timers.after(waitMs, () => this.settle(gateway, transaction));
  }

  private settle(gateway: Gateway, transaction: Transaction): void {
    // Somebody may have played the customer by hand in the meantime.
    if (transaction.status !== 'pending') return;
    const { declineCode, lateSuccessMs } = transaction.plan;
    if (declineCode === undefined) {
      this.approve(gateway, transaction);
      return;
    }
    this.decline(gateway, transaction, declineCode);
    if (lateSuccessMs !== undefined) this.timers.after(lateSuccessMs, () => this.approve(gateway, transaction));
  }

  private announce(gateway: Gateway, transaction: Transaction): void {
    this.announcer.announce(gateway, transaction.plan, () => gateway.webhook(transaction));
  }
}

function wrongAmount(requestedMinor: number): number {
  return requestedMinor > WRONG_BY_MINOR ? requestedMinor - WRONG_BY_MINOR : requestedMinor + WRONG_BY_MINOR;
}
