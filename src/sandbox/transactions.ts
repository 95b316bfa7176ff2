import type { ChargePlan } from './charge-plan.js';
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
}

/** One gateway's transactions, by id and by the client's reference. */
export class Transactions {
  private all: Transaction[] = [];
  private byReference = new Map<string, Transaction | Transaction[]>();
  private firstId: number;

  constructor() {
    // Ids start at the clock, so that a restarted program does not hand out ids it gave before (4,000 ids per second).
    this.firstId = Date.now() * 4;
  }

  nextId(): number {
    return this.firstId + this.all.length;
  }

  add(transaction: Transaction): void {
    this.all.push(transaction);
    const key = `${transaction.account.name} ${transaction.reference}`;
    const known = this.byReference.get(key);
    if (known === undefined) this.byReference.set(key, transaction);
    else if (Array.isArray(known)) known.push(transaction);
    else this.byReference.set(key, [known, transaction]);
  }

  byId(account: string, id: number): Transaction | undefined {
    const found = this.all[id - this.firstId];
    return found?.account.name === account ? found : undefined;
  }

  /** @returns the transactions under this reference, oldest first. */
  of(account: string, reference: string): Transaction[] {
    const known = this.byReference.get(`${account} ${reference}`);
    if (known === undefined) return [];
    return Array.isArray(known) ? [...known] : [known];
  }

  has(account: string, reference: string): boolean {
    return this.byReference.has(`${account} ${reference}`);
  }

  /** @returns the newest transaction under this reference. */
  latest(account: string, reference: string): Transaction | undefined {
    const known = this.byReference.get(`${account} ${reference}`);
    return Array.isArray(known) ? known.at(-1) : known;
  }

  /** @returns one page of the account's transactions that satisfy `wanted`, newest first, and how many there are in all. */
  page(
    account: string,
    wanted: (transaction: Transaction) => boolean,
    page: number,
    perPage: number,
  ): { items: Transaction[]; total: number } {
    const matching = this.all.filter((each) => each.account.name === account && wanted(each)).reverse();
    const start = (page - 1) * perPage;
    return { items: matching.slice(start, start + perPage), total: matching.length };
  }

  clear(): void {
    this.firstId = this.nextId();
    this.all = [];
    this.byReference = new Map();
  }
}
