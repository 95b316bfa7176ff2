/** Refunds and payouts as one would hold and book them first: one event after the other, in memory. What the real ones are compared with. */
import type { Asked, Happening } from './disbursement-events.js';

interface Account {
  /** What is owed: credits less debits. */
  posted: bigint;
  /** What of it is held, or for reserved ones: what is on its way there. */
  held: bigint;
}

interface Part {
  readonly account: string;
  readonly amount: bigint;
}

export class NaiveHolds {
  /** By kind, and merchant for those that have one. */
  readonly accounts = new Map<string, Account>();
  readonly states = new Map<string, string>();
  /** What was said, in order. */
  readonly said: string[] = [];
  /** What payouts that are new may draw on. */
  funds: 'captured' | 'available' = 'captured';
  private readonly parts = new Map<string, readonly Part[]>();
  private readonly left = new Set<string>();
  private readonly booked = new Set<string>();

  account(kind: string, merchantId?: string): Account {
    const key = merchantId === undefined ? kind : `${kind} ${merchantId}`;
    const found = this.accounts.get(key) ?? { posted: 0n, held: 0n };
    this.accounts.set(key, found);
    return found;
  }

  hasLeft(of: Asked): boolean {
    return this.left.has(of.id);
  }

  hear(of: Asked, what: Happening): void {
    if (what === 'created') this.create(of);
    if (what === 'failed') this.fail(of);
    if (what === 'succeeded') this.succeed(of);
    if (what === 'returned') this.comeBack(of);
    if (what === 'duplicated') this.duplicate(of);
  }

  private create(of: Asked): void {
    if (this.states.has(of.id)) return;
    const { parts, missing } = this.split(of);
    if (missing > 0n && of.source === 'merchant') {
      this.states.set(of.id, 'refused');
      this.said.push(`ledger.hold_refused.v1 ${of.id}`);
      return;
    }
    this.states.set(of.id, 'pending');
    this.parts.set(of.id, parts);
    for (const { account, amount } of parts) this.named(account).held += amount;
    this.reserved(of).held += heldFor(of);
    this.said.push(`ledger.hold_placed.v1 ${of.id}`);
  }

  private fail(of: Asked): void {
    const state = this.states.get(of.id);
    if (state === undefined) this.states.set(of.id, 'voided');
    if (state !== 'pending') return;
    this.states.set(of.id, 'voided');
    this.release(of);
    this.said.push(`ledger.hold_released.v1 ${of.id}`);
  }

  private succeed(of: Asked): void {
    if (this.left.has(of.id)) return;
    this.left.add(of.id);
    const state = this.states.get(of.id);
    const wasHeld = state === 'pending';
    const parts = wasHeld ? (this.parts.get(of.id) ?? []) : this.split(of).parts;
    if (wasHeld) this.release(of);
    if (wasHeld || state === undefined) this.states.set(of.id, 'posted');
    for (const { account, amount } of parts) this.named(account).posted -= amount;
    this.account('platform_fees').posted -= BigInt(of.platformFee);
    this.pay(of);
    this.said.push(`ledger.transfers_posted.v1 ${of.id}`);
  }

  private comeBack(of: Asked): void {
    if (this.isBooked(`return ${of.id}`)) return;
    this.account('gateway_clearing').posted -= BigInt(of.amount);
    const owner =
      of.source === 'surplus' ? this.account('suspense') : this.account('merchant_available', of.merchantId);
    owner.posted += heldFor(of);
    this.account('platform_fees').posted += BigInt(of.platformFee);
    this.said.push(`ledger.transfers_posted.v1 ${of.id}`);
  }

  private duplicate(of: Asked): void {
    if (this.isBooked(`duplicate ${of.id}`)) return;
    this.account('suspense').posted -= BigInt(of.amount);
    this.pay(of);
    this.said.push(`ledger.transfers_posted.v1 ${of.id}`);
  }

  private pay(of: Asked): void {
    this.account('gateway_clearing').posted += BigInt(of.amount + of.fee);
    this.account('gateway_fees').posted -= BigInt(of.fee);
  }

  private isBooked(what: string): boolean {
    const was = this.booked.has(what);
    this.booked.add(what);
    return was;
  }

  private release(of: Asked): void {
    for (const { account, amount } of this.parts.get(of.id) ?? []) this.named(account).held -= amount;
    this.reserved(of).held -= heldFor(of);
  }

  /** What is missing in the end is taken from the first all the same. */
  private split(of: Asked): { parts: readonly Part[]; missing: bigint } {
    const payoutKinds = ['merchant_available', ...(this.funds === 'captured' ? ['merchant_pending'] : [])];
    const kinds = of.kind === 'payout' ? payoutKinds : ['merchant_pending', 'merchant_available'];
    const names = of.source === 'surplus' ? ['suspense'] : kinds.map((kind) => `${kind} ${of.merchantId}`);
    const amounts: bigint[] = [];
    let missing = heldFor(of);
    for (const name of names) {
      const { posted, held } = this.named(name);
      const free = posted > held ? posted - held : 0n;
      const taken = free < missing ? free : missing;
      amounts.push(taken);
      missing -= taken;
    }
    const parts = names.map((account, index) => ({
      account,
      amount: (amounts[index] ?? 0n) + (index === 0 ? missing : 0n),
    }));
    return { parts, missing };
  }

  private reserved(of: Asked): Account {
    return of.source === 'surplus'
      ? this.account('customer_reserved')
      : this.account('merchant_reserved', of.merchantId);
  }

  private named(key: string): Account {
    const [kind = '', merchantId] = key.split(' ');
    return this.account(kind, merchantId);
  }
}

function heldFor({ amount, platformFee }: Asked): bigint {
  return BigInt(amount - platformFee);
}
