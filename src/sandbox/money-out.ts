import type { Announcer } from './announcer.js';
import type { Struck } from './faults.js';
import type { Floats } from './floats.js';
import type { Gateway, MoneyOutFacts } from './gateway.js';
import type { MoneyLedger } from './ledger.js';
import type { Movement, NewMovement } from './movements.js';
import { planOut } from './out-plan.js';
import type { Timers } from './timers.js';
import type { RefundOf, Transaction } from './transactions.js';

/** How long the imaginary bank or operator takes: long enough to be seen as pending, short for a test. Milliseconds. */
export const PAYOUT_MS = 50;

/** By how much a `wrong_amount` movement falls short. Minor units. */
const SHORT_BY_MINOR = 100;

/** Why money may not go out: the account has not got it, or the charge has no such rest to give back. */
export type Shortage = 'above_balance' | 'above_rest';

/** Makes refunds and payouts live: hands them to an imaginary bank, books what it pays, and tells the client by webhook. */
export class MoneyOut {
  constructor(
    private readonly ledger: MoneyLedger,
    private readonly floats: Floats,
    private readonly timers: Timers,
    private readonly announcer: Announcer,
  ) {}

  /** @returns what can still be given back of the charge, in minor units; what is on its way back no longer counts. */
  restOf(charge: Transaction): number {
    if (charge.status !== 'succeeded') return 0;
    const taken = (charge.refunds ?? []).reduce((sum, refund) => sum + takes(refund), 0);
    return charge.chargedMinor - taken;
  }

  /** @returns why this may not go out, if it may not; the gateway has its own words for it. */
  shortageOf(gateway: Gateway, order: NewMovement): Shortage | undefined {
    const { account, currency, requestedMinor, charge } = order;
    if (charge !== undefined && requestedMinor > this.restOf(charge)) return 'above_rest';
    const { available } = this.floats.of(gateway, account.name, currency);
    return requestedMinor > available ? 'above_balance' : undefined;
  }

  /**
   * Opens a refund or a payout. With `failsWith` it is opened whatever the account holds, as nothing will be paid.
   *
   * @returns the movement, or why there is none
   */
  open(gateway: Gateway, order: NewMovement, struck: Struck): Movement | Shortage {
    const facts = factsOf(gateway);
    const { failsWith, kind, requestedMinor } = order;
    const shortage = failsWith === undefined ? this.shortageOf(gateway, order) : undefined;
    if (shortage !== undefined) return shortage;
    const common = planOut(struck, order.phone, facts.declineCodes[kind]);
    const adjusted = facts.adjustPlan?.(order, common) ?? common;
    const plan = failsWith === undefined ? adjusted : { ...adjusted, declineCode: failsWith };
    const book = kind === 'refund' ? facts.refunds : facts.payouts;
    const movement: Movement = {
      ...order,
      id: book.nextId(),
      gateway: gateway.name,
      plan,
      createdAt: Date.now(),
      status: order.start === 'waiting' ? 'waiting' : 'pending',
      movedMinor: plan.wrongAmount ? fallingShort(requestedMinor) : requestedMinor,
      heldMinor: 0,
    };
    book.add(movement);
    if (movement.charge !== undefined) (movement.charge.refunds ??= []).push(movement);
    if (failsWith === undefined) this.hold(movement, requestedMinor);
    if (plan.webhook !== 'never') this.announcer.deliver(gateway, facts.openedWebhook?.(movement));
    if (movement.status === 'pending') this.send(gateway, movement);
    return movement;
  }

  /** The client confirmed it: from here it goes its way like any other. */
  begin(gateway: Gateway, movement: Movement): void {
    if (movement.status !== 'waiting') return;
    movement.status = 'pending';
    this.send(gateway, movement);
  }

  /** A movement that failed is sent once more, and this time is paid. @returns why it cannot be, if it cannot. */
  retry(gateway: Gateway, movement: Movement): Shortage | undefined {
    const shortage = movement.heldMinor > 0 ? undefined : this.shortageOf(gateway, movement);
    if (shortage !== undefined || movement.status !== 'failed') return shortage;
    if (movement.heldMinor === 0) this.hold(movement, movement.requestedMinor);
    movement.status = 'pending';
    delete movement.declineCode;
    this.timers.after(PAYOUT_MS, () => this.pay(gateway, movement));
    return undefined;
  }

  /** The bank pays. Also a failed movement can still be paid, where the money is still there: that is a late success. */
  pay(gateway: Gateway, movement: Movement): boolean {
    if (movement.status === 'succeeded' || movement.status === 'returned') return false;
    if (movement.heldMinor === 0 && this.shortageOf(gateway, movement) !== undefined) return false;
    this.hold(movement, -movement.heldMinor);
    movement.status = 'succeeded';
    delete movement.declineCode;
    this.book(movement, movement.kind);
    this.announce(gateway, movement);
    const { returnsAfterMs } = movement.plan;
    if (returnsAfterMs !== undefined && movement.kind === 'payout') {
      this.timers.after(returnsAfterMs, () => this.giveBack(gateway, movement));
    }
    return true;
  }

  /** The bank refuses, in the provider's words, and what was held for the movement is free. */
  fail(gateway: Gateway, movement: Movement, code: string): boolean {
    if (movement.status !== 'waiting' && movement.status !== 'pending') return false;
    this.hold(movement, -movement.heldMinor);
    this.reportFailure(gateway, movement, code);
    return true;
  }

  /** A payout that was paid comes back: both movements stay in the books. */
  giveBack(gateway: Gateway, movement: Movement): boolean {
    if (movement.kind !== 'payout' || movement.status !== 'succeeded') return false;
    movement.status = 'returned';
    this.book(movement, 'payout_return');
    this.announce(gateway, movement);
    return true;
  }

  private send(gateway: Gateway, movement: Movement): void {
    const { approveAfterMs } = movement.plan;
    if (approveAfterMs === null) return;
    this.timers.after(approveAfterMs ?? PAYOUT_MS, () => this.settle(gateway, movement));
  }

  private settle(gateway: Gateway, movement: Movement): void {
    // Somebody may have played the bank by hand in the meantime.
    if (movement.status !== 'pending') return;
    const { declineCode, lateSuccessMs } = movement.plan;
    if (declineCode === undefined) {
      this.pay(gateway, movement);
      return;
    }
    if (lateSuccessMs === undefined) {
      this.fail(gateway, movement, declineCode);
      return;
    }
    // The money stays held: it will go out after all.
    this.reportFailure(gateway, movement, declineCode);
    this.timers.after(lateSuccessMs, () => this.pay(gateway, movement));
  }

  private reportFailure(gateway: Gateway, movement: Movement, code: string): void {
    movement.status = 'failed';
    movement.finishedAt = Date.now();
    movement.declineCode = code;
    this.announce(gateway, movement);
  }

  private book(movement: Movement, kind: 'refund' | 'payout' | 'payout_return'): void {
    const { gateway, account, reference, movedMinor, currency, charge, note } = movement;
    movement.finishedAt = Date.now();
    this.ledger.record({
      gateway,
      account: account.name,
      reference,
      kind,
      amount: movedMinor,
      currency,
      at: movement.finishedAt,
      ...(charge === undefined ? {} : { chargeReference: charge.reference }),
      ...(note === undefined ? {} : { note }),
    });
  }

  private hold(movement: Movement, amountMinor: number): void {
    movement.heldMinor += amountMinor;
    this.floats.hold(movement.gateway, movement.account.name, movement.currency, amountMinor);
  }

  private announce(gateway: Gateway, movement: Movement): void {
    this.announcer.announce(gateway, movement.plan, () => factsOf(gateway).webhook(movement));
  }
}

/** What a refund takes of its charge: what was paid, or is held to be paid; a refund that failed for good takes nothing. */
function takes(refund: RefundOf): number {
  return refund.status === 'succeeded' ? refund.movedMinor : refund.heldMinor;
}

function factsOf(gateway: Gateway): MoneyOutFacts {
  if (gateway.moneyOut === undefined) throw new Error(`${gateway.name} pays nothing out`);
  return gateway.moneyOut;
}

/** Always less, never more: more could leave the account below zero. */
function fallingShort(requestedMinor: number): number {
  return requestedMinor > SHORT_BY_MINOR ? requestedMinor - SHORT_BY_MINOR : Math.ceil(requestedMinor / 2);
}
