import type { Account } from './accounts.js';

/** What every record of a gateway has. */
export interface Recorded {
  /** The gateway's own numeric id. */
  readonly id: number;
  readonly account: Account;
  /** The client's own reference. */
  readonly reference: string;
}

/** A gateway's records of one sort, by id and by the client's reference. */
export class Records<T extends Recorded> {
  private all: T[] = [];
  private byReference = new Map<string, T | T[]>();
  private firstId: number;

  constructor() {
    // Ids start at the clock, so that a restarted program does not hand out ids it gave before (4,000 ids per second).
    this.firstId = Date.now() * 4;
  }

  nextId(): number {
    return this.firstId + this.all.length;
  }

  add(record: T): void {
    this.all.push(record);
    const key = `${record.account.name} ${record.reference}`;
    const known = this.byReference.get(key);
    if (known === undefined) this.byReference.set(key, record);
    else if (Array.isArray(known)) known.push(record);
    else this.byReference.set(key, [known, record]);
  }

  byId(account: string, id: number): T | undefined {
    const found = this.all[id - this.firstId];
    return found?.account.name === account ? found : undefined;
  }

  /** @returns the record whosever it is: for hosted pages, which a customer opens without credentials. */
  ofAnyAccount(id: number): T | undefined {
    return this.all[id - this.firstId];
  }

  /** @returns the records under this reference, oldest first. */
  of(account: string, reference: string): T[] {
    const known = this.byReference.get(`${account} ${reference}`);
    if (known === undefined) return [];
    return Array.isArray(known) ? [...known] : [known];
  }

  has(account: string, reference: string): boolean {
    return this.byReference.has(`${account} ${reference}`);
  }

  /** @returns the newest record under this reference. */
  latest(account: string, reference: string): T | undefined {
    const known = this.byReference.get(`${account} ${reference}`);
    return Array.isArray(known) ? known.at(-1) : known;
  }

  /** @returns the account's records, oldest first. */
  list(account: string): T[] {
    return this.all.filter((each) => each.account.name === account);
  }

  /** @returns one page of the account's records that satisfy `wanted`, newest first, and how many there are in all. */
  page(account: string, wanted: (record: T) => boolean, page: number, perPage: number): { items: T[]; total: number } {
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
