import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../../config/env.js';
import { holdPlaced, holdRefused, holdReleased } from '../../../contracts/ledger.events.js';
import { crashPoint } from '../../../kernel/crash-points/crash-points.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { codeOf } from '../../../kernel/errors/describe.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import { newEvent, type NewEvent, type StoredEvent } from '../../../kernel/outbox/event.js';
import { AccountIds } from '../accounts/account-ids.js';
import { announcementOf } from '../bookings/announcement.js';
import { payoutOf, stepFor } from '../bookings/disbursement-chart.js';
import { accountsOf, type Disbursement, type HoldOutcome, type HoldStep, type StepTransfer } from './hold.js';
import { findPosted, holdFunds, type HoldResults } from './holds.store.js';
import { LedgerMetrics } from '../ledger.metrics.js';
import { idOf } from '../accounts/account.js';
import { SettlementPolicies } from '../settlement/policies.js';
import { noteGivenBack, type GivenBack } from '../settlement/settlements.store.js';

interface Taken {
  readonly event: StoredEvent;
  readonly step: HoldStep;
  readonly outcome: HoldOutcome | undefined;
  readonly posted: readonly StepTransfer[];
}

/** Holds the money of refunds and payouts, and books what became of it. */
@Injectable()
export class HoldFunds implements EventHandler {
  constructor(
    private readonly accountIds: AccountIds,
    private readonly metrics: LedgerMetrics,
    private readonly policies: SettlementPolicies,
    @Inject(ENV) private readonly env: Pick<Env, 'payoutFunds'>,
  ) {}

  /** One statement does everything that the events call for, in whatever order they come and however often. */
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const steps = await unlimitedWhereDue(tx, await this.stepsFor(tx, events));
    const ids = await this.accountIds.resolve(tx, accountsOf(steps));
    const results = await this.holdFunds(tx, steps, ids);
    crashPoint('ledger.after_holding');
    await noteGivenBack(tx, givenBackBy(steps, results, ids));
    const taken = takenOf(events, steps, results);
    await appendEvents(tx, taken.flatMap(announcements));
    tx.afterCommit(() => {
      this.metrics.posted(results.posted.map(({ kind }) => kind));
      this.metrics.held(results.outcomes);
    });
  }

  /** What payouts may draw on, the merchant's policy says, or else the setting. */
  private async stepsFor(tx: Tx, events: readonly StoredEvent[]): Promise<readonly HoldStep[]> {
    const payouts = events.flatMap((event) => {
      const payout = payoutOf(event);
      return payout === undefined ? [] : [{ event, payout }];
    });
    const policies = await this.policies.inForce(
      tx,
      payouts.map(({ event, payout }) => ({ ...payout, at: event.createdAt })),
    );
    const funds = new Map(payouts.map(({ event }, index) => [event, policies[index]?.payout_funds]));
    return events.map((event) => stepFor(event, funds.get(event) ?? this.env.payoutFunds));
  }

  private async holdFunds(tx: Tx, steps: readonly HoldStep[], ids: ReadonlyMap<string, string>): Promise<HoldResults> {
    try {
      return await holdFunds(tx, steps, ids);
    } catch (error) {
      if (codeOf(error) === 'ledger.account_not_found') this.accountIds.forget();
      throw error;
    }
  }
}

/**
 * A refund may be heard of before the payment that it gives back has been booked, and is not to be refused for that: what it lacks is on
 * its way. Until then the merchant's account may be below zero.
 */
async function unlimitedWhereDue(tx: Tx, steps: readonly HoldStep[]): Promise<readonly HoldStep[]> {
  const brought = steps.flatMap(({ action, disbursement }) =>
    action === 'place' && disbursement?.broughtBy !== undefined ? [disbursement.broughtBy] : [],
  );
  const posted = await findPosted(tx, brought);
  return steps.map((step) => {
    const { disbursement } = step;
    if (step.action !== 'place' || disbursement?.broughtBy === undefined || posted.has(disbursement.broughtBy))
      return step;
    return { ...step, disbursement: { ...disbursement, isLimited: false } };
  });
}

/** What refunds hold, or give back without having held it, waits for no settlement any more; what they did not give back after all does again. */
function givenBackBy(
  steps: readonly HoldStep[],
  { outcomes }: HoldResults,
  ids: ReadonlyMap<string, string>,
): readonly GivenBack[] {
  return steps.flatMap(({ disbursement }, index) => {
    const outcome = outcomes[index];
    if (disbursement?.broughtBy === undefined || outcome === undefined) return [];
    const { broughtBy: captureId, source, amountMinor } = disbursement;
    const of = { captureId, accountId: idOf(source, ids) };
    if (outcome === 'placed' || outcome === 'drawn' || outcome === 'overdrawn') return [{ ...of, amountMinor }];
    return outcome === 'voided' ? [{ ...of, amountMinor: -amountMinor }] : [];
  });
}

function takenOf(events: readonly StoredEvent[], steps: readonly HoldStep[], results: HoldResults): readonly Taken[] {
  const posted = new Map<number, StepTransfer[]>();
  for (const transfer of results.posted) {
    const group = posted.get(transfer.step);
    if (group === undefined) posted.set(transfer.step, [transfer]);
    else group.push(transfer);
  }
  return events.flatMap((event, index) => {
    const step = steps[index];
    return step === undefined
      ? []
      : [{ event, step, outcome: results.outcomes[index], posted: posted.get(index) ?? [] }];
  });
}

function announcements({ event, step, outcome, posted }: Taken): readonly NewEvent[] {
  const { disbursement, effectiveAt, transfers } = step;
  const said = disbursement === undefined ? undefined : ofHold(event, disbursement, outcome);
  const [first, ...others] = posted;
  const subject = disbursement ?? transfers[0];
  const currency = (disbursement?.into ?? transfers[0]?.debit)?.currency;
  if (first === undefined || subject === undefined || currency === undefined) return said === undefined ? [] : [said];
  return [
    ...(said === undefined ? [] : [said]),
    announcementOf(event, { subjectId: subject.subjectId, currency, effectiveAt }, [first, ...others], transfers),
  ];
}

/** What is said of a hold; nothing where nothing changed, or where money left, which its transfers tell. */
function ofHold(
  cause: StoredEvent,
  disbursement: Disbursement,
  outcome: HoldOutcome | undefined,
): NewEvent | undefined {
  const { subjectId, kind, amountMinor, into } = disbursement;
  const context = { aggregateId: subjectId, merchantId: cause.merchantId, cause };
  const payload = {
    kind,
    subject_id: subjectId,
    livemode: into.livemode,
    amount: toJsonAmount(amountMinor),
    currency: into.currency,
  };
  if (outcome === 'placed') return newEvent(holdPlaced, context, payload);
  if (outcome === 'refused') return newEvent(holdRefused, context, { ...payload, reason: 'insufficient_funds' });
  return outcome === 'voided' ? newEvent(holdReleased, context, payload) : undefined;
}
