import { Injectable } from '@nestjs/common';
import { crashPoint } from '../../../kernel/crash-points/crash-points.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import type { ErrorCode } from '../../../kernel/errors/registry.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { NewEvent, StoredEvent } from '../../../kernel/outbox/event.js';
import { AccountIds } from '../accounts/account-ids.js';
import { idOf } from '../accounts/account.js';
import { announcementOf } from './announcement.js';
import { transfersFor } from './chart.js';
import { LedgerMetrics } from '../ledger.metrics.js';
import { postTransfers } from '../transfers/posting.store.js';
import type { PlannedTransfer, PostingOutcome, Transfer } from '../transfers/transfer.js';

interface Booking {
  readonly event: StoredEvent;
  readonly plan: PlannedTransfer;
  readonly transfer: Transfer;
}

/** Books what gateways have captured, and what reconciliation found. */
@Injectable()
export class BookCollections implements EventHandler {
  constructor(
    private readonly accountIds: AccountIds,
    private readonly metrics: LedgerMetrics,
  ) {}

  /**
   * One statement posts everything that the events call for. The accounts have no limits, so a refused transfer is a
   * mistake somewhere: it throws, and the batch is split until that event stands alone.
   */
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const plans = events.flatMap((event) => transfersFor(event).map((plan) => ({ event, plan })));
    if (plans.length === 0) return;
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
    await appendEvents(tx, announcements(posted));
    tx.afterCommit(() => this.metrics.posted(posted.map(({ plan }) => plan.kind)));
  }

  private mustNotBeRefused({ plan, event }: Booking, outcome: PostingOutcome | undefined): void {
    if (outcome === 'posted' || outcome === 'replayed') return;
    if (outcome === 'account_missing') this.accountIds.forget();
    throw new DomainError(codeOfRefusal(outcome), {
      detail: `Transfer ${plan.id} (${plan.kind}) of ${event.type} ${event.id}: ${outcome ?? 'no outcome'}`,
    });
  }
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
