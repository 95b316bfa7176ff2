/** What is done to the money of refunds and payouts, and a batch of that as columns. Pure. */
import type { DisbursementKind } from '../../../contracts/shared.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { idOf, keyText, type AccountKey } from '../accounts/account.js';
import { transferIdOf, type DrawAspect } from '../transfers/transfer-id.js';
import { positionOf, type PlannedTransfer, type TransferKind } from '../transfers/transfer.js';

/** `refused`: there was not enough. Only `pending` ever changes, to `posted` or `voided`. */
export const HOLD_STATES = ['pending', 'posted', 'voided', 'refused'] as const;

/** A refund or payout: how much of whose money. */
export interface Disbursement {
  readonly subjectId: string;
  readonly kind: DisbursementKind;
  /** Null where it is a customer's. */
  readonly merchantId: string | null;
  readonly amountMinor: bigint;
  /** What it is drawn from; what is missing there, from `secondSource`. */
  readonly source: AccountKey;
  readonly secondSource: AccountKey | undefined;
  /** Where it may be held already, from when a setting said otherwise. */
  readonly otherSources: readonly AccountKey[];
  readonly into: AccountKey;
  /** Whether it is refused when there is not enough. */
  readonly isLimited: boolean;
  /** The transfer that brings what it gives back, of which another consumer may not have heard yet. */
  readonly broughtBy?: string;
}

/** What ledger.hold_funds knows to do; the migration says what each is. */
export type HoldAction = 'place' | 'post' | 'void' | 'book';

/** What one event calls for. */
export interface HoldStep {
  readonly action: HoldAction;
  /** Undefined where the transfers are all. */
  readonly disbursement: Disbursement | undefined;
  readonly transfers: readonly PlannedTransfer[];
  /** Of transfers that come of what was held. */
  readonly effectiveAt: Date;
}

/** What became of a step: see ledger.hold_funds. */
export type HoldOutcome = 'placed' | 'refused' | 'posted' | 'drawn' | 'overdrawn' | 'voided' | 'booked' | 'unchanged';

/** A transfer that came of a step. */
export interface StepTransfer {
  /** From 0. */
  readonly step: number;
  readonly id: string;
  readonly kind: TransferKind;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly amountMinor: bigint;
}

/** Every account that the steps may touch. */
export function accountsOf(steps: readonly HoldStep[]): readonly AccountKey[] {
  return steps.flatMap(({ disbursement, transfers }) => [
    ...(disbursement === undefined ? [] : accountsOfDisbursement(disbursement)),
    ...transfers.flatMap(({ debit, credit }) => [debit, credit]),
  ]);
}

function accountsOfDisbursement({ source, secondSource, otherSources, into }: Disbursement): readonly AccountKey[] {
  return [source, ...(secondSource === undefined ? [] : [secondSource]), ...otherSources, into];
}

/**
 * The columns that ledger.hold_funds takes, in its order: accounts and refunds or payouts once each, and positions in there from 1.
 * @param ids account ids by {@link keyText}
 * @throws {DomainError} `ledger.transfer_conflict` when two steps contradict each other about a refund or payout
 */
export function holdColumns(steps: readonly HoldStep[], ids: ReadonlyMap<string, string>): readonly unknown[] {
  const accounts = new Map<string, number>();
  const at = (key: AccountKey): number => positionOf(idOf(key, ids), accounts);
  for (const key of accountsOf(steps)) at(key);
  const subjects = new Map<string, Disbursement>();
  const positions = new Map<string, number>();
  const stepSubjects = steps.map(({ disbursement }) => {
    if (disbursement === undefined) return null;
    const known = subjects.get(disbursement.subjectId);
    if (known === undefined) subjects.set(disbursement.subjectId, disbursement);
    else mustAgree(known, disbursement);
    return positionOf(disbursement.subjectId, positions);
  });
  const all = [...subjects.values()];
  const transfers = steps.flatMap((step, index) =>
    step.transfers.map((transfer) => ({ transfer, position: index + 1 })),
  );
  return [
    [...accounts.keys()],
    all.map((each) => each.subjectId),
    all.map((each) => each.kind),
    all.map((each) => each.merchantId),
    all.map((each) => each.amountMinor),
    all.map((each) => at(each.source)),
    all.map((each) => (each.secondSource === undefined ? null : at(each.secondSource))),
    all.map((each) => at(each.into)),
    all.map((each) => each.isLimited),
    all.map((each) => transferIdOf(each.subjectId, 'draw' satisfies DrawAspect)),
    all.map((each) => transferIdOf(each.subjectId, 'second_draw' satisfies DrawAspect)),
    steps.map((step) => step.action),
    stepSubjects,
    steps.map((step) => step.effectiveAt.toISOString()),
    transfers.map(({ position }) => position),
    transfers.map(({ transfer }) => transfer.id),
    transfers.map(({ transfer }) => transfer.subjectId),
    transfers.map(({ transfer }) => at(transfer.debit)),
    transfers.map(({ transfer }) => at(transfer.credit)),
    transfers.map(({ transfer }) => transfer.amountMinor),
    transfers.map(({ transfer }) => transfer.kind),
  ];
}

function mustAgree(one: Disbursement, other: Disbursement): void {
  const agrees =
    one.kind === other.kind &&
    one.amountMinor === other.amountMinor &&
    one.merchantId === other.merchantId &&
    keyText(one.into) === keyText(other.into);
  if (agrees) return;
  throw new DomainError('ledger.transfer_conflict', {
    detail: `Two events contradict each other about ${one.kind} ${one.subjectId}`,
  });
}
