import type { ChargePlan } from './charge-plan.js';
import { printed, type Misprint } from './misprints.js';
import { Records } from './records.js';
import type { JsonObject } from './wire.js';
import type { Account } from './accounts.js';

/** Who pays, as far as the client told. */
export interface Customer {
  readonly email?: string;
  readonly phone?: string;
  readonly name?: string;
}

/** What a gateway asks the engine to open. */
export interface NewCharge {
  readonly account: Account;
  /** The client's own reference: Paystack's `reference`, Flutterwave's `tx_ref`, MTN's `X-Reference-Id`. */
  readonly reference: string;
  /** Integer minor units by ISO 4217. */
  readonly requestedMinor: number;
  readonly currency: string;
  /** The gateway's own word for the instrument. */
  readonly channel: string;
  readonly customer: Customer;
  /**
   * `asked`: the customer is asked right away and acts by themselves. `invited`: nothing happens until they open the page
   * or give the code. `instant`: nobody is asked (a saved card).
   */
  readonly start: 'asked' | 'invited' | 'instant';
  /** What else the gateway needs to answer questions about it later. */
  readonly detail: JsonObject;
}

/** What a charge has to know of a refund. */
export interface RefundOf {
  readonly status: string;
  /** Integer minor units: what was paid back, or will be, and what is kept for it. */
  readonly movedMinor: number;
  readonly heldMinor: number;
}

/** A charge in a gateway's books. */
export interface Transaction extends Omit<NewCharge, 'start'> {
  /** The gateway's own numeric id. */
  readonly id: number;
  readonly gateway: string;
  readonly plan: ChargePlan;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** `invited`: the customer has not begun; `pending`: asked, not answered. */
  status: 'invited' | 'pending' | 'succeeded' | 'failed';
  /** What was, or will be, really taken; differs from the request only under `wrong_amount`. Integer minor units. */
  chargedMinor: number;
  /** When the status became final. Milliseconds since the epoch. */
  finishedAt?: number;
  declineCode?: string;
  /** What was asked back of it, oldest first; there once anything was. */
  refunds?: RefundOf[];
}

/** One gateway's charges, by id and by the client's reference. */
export class Transactions extends Records<Transaction> {
  /** By id. */
  private readonly misprints = new Map<number, Misprint>();

  misprint({ id }: Transaction, misprint: Misprint): void {
    this.misprints.set(id, misprint);
  }

  override page(
    account: string,
    wanted: (record: Transaction) => boolean,
    page: number,
    perPage: number,
  ): { items: Transaction[]; total: number } {
    if (this.misprints.size === 0) return super.page(account, wanted, page, perPage);
    const all = super
      .page(account, wanted, 1, Number.MAX_SAFE_INTEGER)
      .items.flatMap((each) => printed(each, this.misprints.get(each.id)));
    const start = (page - 1) * perPage;
    return { items: all.slice(start, start + perPage), total: all.length };
  }

  override clear(): void {
    super.clear();
    this.misprints.clear();
  }
}
