import { Injectable } from '@nestjs/common';
import { paymentSucceeded } from '../../../contracts/payments.events.js';
import { crashPoint } from '../../../kernel/crash-points/crash-points.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import type { ErrorCode } from '../../../kernel/errors/registry.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { NewEvent, PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { AccountIds } from '../accounts/account-ids.js';
import { idOf } from '../accounts/account.js';
import { announcementOf } from './announcement.js';
import { transfersFor } from './chart.js';
import { LedgerMetrics } from '../ledger.metrics.js';
import { SettlementPolicies } from '../settlement/policies.js';
import type { PolicyQuestion } from '../settlement/policies.store.js';
import type { Policy } from '../settlement/policy.js';
import { awaitSettlement } from '../settlement/settlements.store.js';
import { waitingFor, type PlannedWaiting } from '../settlement/waiting-for.js';
import { postTransfers } from '../transfers/posting.store.js';
import type { PlannedTransfer, PostingOutcome, Transfer } from '../transfers/transfer.js';

interface Booking {
  readonly event: StoredEvent;
  readonly plan: PlannedTransfer;
  readonly transfer: Transfer;
}

/** Books what gateways have captured, and notes from when on it can be used freely; and what reconciliation found. */
@Injectable()
export class BookCollections implements EventHandler {
  constructor(
    private readonly accountIds: AccountIds,
    private readonly metrics: LedgerMetrics,
    private readonly policies: SettlementPolicies,
  ) {}

  /**
   * One statement posts everything that the events call for. The accounts have no limits, so a refused transfer is a
   * mistake somewhere: it throws, and the batch is split until that event stands alone.
   */
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const policies = await this.policiesFor(tx, events);
    const planned = events.map((event) => ({ event, plans: transfersFor(event, policies.get(event)) }));
    const plans = planned.flatMap((each) => each.plans.map((plan) => ({ event: each.event, plan })));
    if (plans.length === 0) return;
    const waiting = planned.flatMap((each) => waitingFor(each.plans, policies.get(each.event)));
    const ids = await this.accountIds.resolve(
      tx,
      plans.flatMap(({ plan }) => [plan.debit, plan.credit]),
    );
    const bookings: readonly Booking[] = plans.map(({ event, plan }) => ({
      event,
      plan,
      transfer: transferOf(plan, ids),
    }));
    const outcomes = await postTransfers(
      tx,
      bookings.map(({ transfer }) => transfer),
    );
    crashPoint('ledger.after_posting');
    for (const [index, booking] of bookings.entries()) this.mustNotBeRefused(booking, outcomes[index]);
    const posted = bookings.filter((_, index) => outcomes[index] === 'posted');
    await noteWaiting(tx, waiting, posted, ids);
    await appendEvents(tx, announcements(posted));
    tx.afterCommit(() => this.metrics.posted(posted.map(({ plan }) => plan.kind)));
  }

  /** Of those events that bring a merchant money. */
  private async policiesFor(tx: Tx, events: readonly StoredEvent[]): Promise<ReadonlyMap<StoredEvent, Policy>> {
    const asked = events.flatMap((event) => {
      const about = questionOf(event);
      return about === undefined ? [] : [{ event, about }];
    });
    const policies = await this.policies.inForce(
      tx,
      asked.map(({ about }) => about),
    );
    return new Map(
      asked.flatMap(({ event }, index) => {
        const policy = policies[index];
        return policy === undefined ? [] : [[event, policy] as const];
      }),
    );
  }

  private mustNotBeRefused({ plan, event }: Booking, outcome: PostingOutcome | undefined): void {
    if (outcome === 'posted' || outcome === 'replayed') return;
    if (outcome === 'account_missing') this.accountIds.forget();
    throw new DomainError(codeOfRefusal(outcome), {
      detail: `Transfer ${plan.id} (${plan.kind}) of ${event.type} ${event.id}: ${outcome ?? 'no outcome'}`,
    });
  }
}

function questionOf(event: StoredEvent): PolicyQuestion | undefined {
  if (event.type !== paymentSucceeded.type || event.merchantId === null) return undefined;
  const { currency, succeeded_at: at } = event.payload as PayloadOf<typeof paymentSucceeded>;
  return { merchantId: event.merchantId, currency, at: new Date(at) };
}

/** What was booked before waits already, or does not wait any more. */
async function noteWaiting(
  tx: Tx,
  waiting: readonly PlannedWaiting[],
  posted: readonly Booking[],
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  const booked = new Set(posted.map(({ plan }) => plan.id));
  await awaitSettlement(
    tx,
    waiting
      .filter(({ captureId }) => booked.has(captureId))
      .map((each) => ({ ...each, accountId: idOf(each.account, ids) })),
  );
}

function codeOfRefusal(outcome: PostingOutcome | undefined): ErrorCode {
  if (outcome === 'conflict') return 'ledger.transfer_conflict';
  if (outcome === 'limit_exceeded') return 'ledger.limit_exceeded';
  if (outcome === 'account_frozen') return 'ledger.account_frozen';
  if (outcome === 'account_closed') return 'ledger.account_closed';
  return outcome === 'account_missing' ? 'ledger.account_not_found' : 'service.internal';
}

function transferOf(plan: PlannedTransfer, ids: ReadonlyMap<string, string>): Transfer {
  return {
    id: plan.id,
    debitAccountId: idOf(plan.debit, ids),
    creditAccountId: idOf(plan.credit, ids),
    amountMinor: plan.amountMinor,
    kind: plan.kind,
    subjectId: plan.subjectId,
    effectiveAt: plan.effectiveAt,
  };
}

function announcements(posted: readonly Booking[]): readonly NewEvent[] {
  const byEvent = new Map<StoredEvent, [Booking, ...Booking[]]>();
  for (const booking of posted) {
    const group = byEvent.get(booking.event);
    if (group === undefined) byEvent.set(booking.event, [booking]);
    else group.push(booking);
  }
  return [...byEvent.values()].map(announcement);
}

function announcement([first, ...others]: readonly [Booking, ...Booking[]]): NewEvent {
  const { subjectId, effectiveAt, debit } = first.plan;
  return announcementOf(
    first.event,
    { subjectId, effectiveAt, currency: debit.currency },
    [first.transfer, ...others.map(({ transfer }) => transfer)],
    [first, ...others].map(({ plan }) => plan),
  );
}
