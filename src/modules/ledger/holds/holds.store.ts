/** Holds: placing, posting and voiding them, set-based; and lists of them. */
import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { SQL_STATE } from '../../../kernel/database/sql-state.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';
import { codeOf, describeError } from '../../../kernel/errors/describe.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import type { Owner, Window } from '../accounts/accounts.store.js';
import { holdColumns, type HOLD_STATES, type HoldOutcome, type HoldStep, type StepTransfer } from './hold.js';
import type { TransferKind } from '../transfers/transfer.js';

/** A consumer's full batch. A step posts five transfers at most, so it is about as much as posting takes at once (see MAX_TRANSFERS_PER_BATCH). */
export const MAX_STEPS_PER_BATCH = 250;

/** Raised by ledger.hold_funds for what contradicts what is known. */
const CONFLICT = '23000';

const holdStatement = statement(
  'ledger.hold_funds',
  `SELECT outcomes, posted_step AS steps, posted_ids AS ids, posted_debit AS debits, posted_credit AS credits, posted_amounts::text[] AS amounts, posted_kinds AS kinds
     FROM ledger.hold_funds($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::bigint[], $6::int[], $7::int[], $8::int[], $9::boolean[], $10::uuid[], $11::uuid[],
       $12::text[], $13::int[], $14::timestamptz[], $15::int[], $16::uuid[], $17::uuid[], $18::int[], $19::int[], $20::bigint[], $21::text[])`,
);

const postedStatement = statement('ledger.find_posted', 'SELECT id FROM ledger.transfer WHERE id = ANY($1::uuid[])');

interface Answer {
  readonly outcomes: readonly HoldOutcome[];
  /** The columns of what was posted; null when that is nothing. Positions count from 1. */
  readonly steps: readonly number[] | null;
  readonly ids: readonly string[] | null;
  readonly debits: readonly number[] | null;
  readonly credits: readonly number[] | null;
  readonly amounts: readonly string[] | null;
  readonly kinds: readonly TransferKind[] | null;
}

export interface HoldResults {
  /** What became of each step, in their order. */
  readonly outcomes: readonly HoldOutcome[];
  readonly posted: readonly StepTransfer[];
}

/**
 * Takes all steps in one call, as if one after the other in the order given. Accounts stay locked until the transaction ends; it must
 * call this once only, and not post besides, or two transactions could wait for each other.
 * @param ids account ids by key, of every account that the steps may touch
 * @throws {DomainError} `ledger.transfer_conflict` when something contradicts what is known, `ledger.account_not_found` when an id is
 *   of no account
 * @throws {RangeError} when there are more than {@link MAX_STEPS_PER_BATCH}
 */
export async function holdFunds(
  tx: Tx,
  steps: readonly HoldStep[],
  ids: ReadonlyMap<string, string>,
): Promise<HoldResults> {
  if (steps.length === 0) return { outcomes: [], posted: [] };
  if (steps.length > MAX_STEPS_PER_BATCH)
    throw new RangeError(`${steps.length} steps in a batch; ${MAX_STEPS_PER_BATCH} are the most`);
  const columns = holdColumns(steps, ids);
  const [answer] = await tx.query<Answer>(holdStatement, columns).catch((error: unknown): never => {
    throw refusalOf(error);
  });
  if (answer?.outcomes.length !== steps.length) throw new Error('hold_funds did not answer for every step');
  return { outcomes: answer.outcomes, posted: postedOf(answer, columns[0] as readonly string[]) };
}

function postedOf(answer: Answer, accountIds: readonly string[]): readonly StepTransfer[] {
  const { steps, ids, debits, credits, amounts, kinds } = answer;
  if (steps === null || ids === null || debits === null || credits === null || amounts === null || kinds === null)
    return [];
  return ids.map((id, index) => ({
    step: at(steps, index) - 1,
    id,
    kind: at(kinds, index),
    debitAccountId: at(accountIds, at(debits, index) - 1),
    creditAccountId: at(accountIds, at(credits, index) - 1),
    amountMinor: BigInt(at(amounts, index)),
  }));
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new Error('hold_funds answered with columns of different lengths');
  return value;
}

function refusalOf(error: unknown): unknown {
  const code = codeOf(error);
  if (code === CONFLICT) return new DomainError('ledger.transfer_conflict', { detail: describeError(error) });
  if (code === SQL_STATE.foreignKeyViolation)
    return new DomainError('ledger.account_not_found', { detail: describeError(error) });
  return error;
}

/** @returns those of the transfers that are posted */
export async function findPosted(tx: Tx, transferIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (transferIds.length === 0) return new Set();
  const rows = await tx.query<{ id: string }>(postedStatement, [transferIds]);
  return new Set(rows.map(({ id }) => id));
}

export interface HoldRow {
  readonly subjectId: string;
  readonly kind: string;
  readonly livemode: boolean;
  readonly currency: string;
  readonly amount: bigint;
  readonly state: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

@Injectable()
export class HoldsStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('ledger');
  }

  /** Holds of a merchant's money, newest first after the cursor, or oldest first before it. */
  list(owner: Owner, window: Window<string>, state?: (typeof HOLD_STATES)[number]): Promise<HoldRow[]> {
    const { after, before, take } = window;
    return this.database.asTenant(owner).prisma.ledgerHold.findMany({
      where: {
        merchantId: owner.merchantId,
        livemode: owner.livemode,
        ...(state === undefined ? {} : { state }),
        ...(before === undefined ? {} : { subjectId: { gt: before } }),
        ...(after === undefined ? {} : { subjectId: { lt: after } }),
      },
      orderBy: { subjectId: before === undefined ? 'desc' : 'asc' },
      take,
    });
  }
}
