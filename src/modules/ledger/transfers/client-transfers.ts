import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError, type FieldError } from '../../../kernel/errors/domain-error.js';
import { rowErrors } from '../../../kernel/http/dto-validator.js';
import { decodeId, encodeId, newUuid } from '../../../kernel/ids/ids.js';
import type { Owner } from '../accounts/accounts.store.js';
import type { KeyedAnswer } from '../../../kernel/idempotency/keyed-answer.js';
import { KeyedAnswers, type KeyedRequest, type Made } from '../keyed-answers.js';
import { LedgerMetrics } from '../ledger.metrics.js';
import { CreateTransferDto } from './client-transfer.dto.js';
import {
  findClientTransfer,
  insertClientTransfers,
  kindsOf,
  type ClientTransfer,
  type TransferRow,
} from './client-transfers.store.js';
import { postTransfers } from './posting.store.js';
import { refusalOf } from './refusals.js';
import { viewTransfer } from './transfer.views.js';
import { isRefusal, type Instruction, type PendingEnd, type PostingOutcome, type Reversal } from './transfer.js';

/** What a transfer is called whose maker gave it no kind. */
const DEFAULT_KIND = 'transfer';
/** As for batches of payouts. */
const MAX_ERRORS = 100;

interface Row {
  readonly instruction: Instruction;
  readonly client: ClientTransfer;
}

/** What ends or reverses another transfer, before that one has been looked up. */
export type Naming =
  | (Pick<PendingEnd, 'amountMinor'> & { readonly phase: 'post' | 'void' })
  | (Pick<Reversal, 'amountMinor'> & { readonly phase: 'reverse' });

/** Transfers between a merchant's own accounts. What is refused leaves nothing behind, and uses up no key. */
@Injectable()
export class ClientTransfers {
  constructor(
    private readonly answers: KeyedAnswers,
    private readonly metrics: LedgerMetrics,
  ) {}

  /** @throws {DomainError} why it was refused, and the `idempotency.*` codes */
  create(request: KeyedRequest, body: CreateTransferDto): Promise<KeyedAnswer> {
    const { rows, errors } = readRows([body], () => '');
    const [row] = rows;
    if (row === undefined || errors.length > 0) throw new DomainError('request.invalid', { errors });
    return this.answers.execute(request, async (tx) => {
      const [fault] = await faultsOfAccounts(tx, request.merchant, rows, () => '');
      if (fault !== undefined)
        throw new DomainError(fault.code === 'system_account' ? 'ledger.system_account' : 'ledger.account_not_found', {
          errors: [fault],
        });
      return this.one(tx, request.merchant, row);
    });
  }

  /** @throws {DomainError} `ledger.batch_refused` for one that is atomic, `request.invalid`, and the `idempotency.*` codes */
  createMany(request: KeyedRequest, atomic: boolean, given: readonly unknown[]): Promise<KeyedAnswer> {
    const pointerOf = (index: number): string => `/transfers/${index}`;
    const faults = given.flatMap((row, index) => rowErrors(CreateTransferDto, row, pointerOf(index)));
    if (faults.length > 0) throw new DomainError('request.invalid', { errors: faults.slice(0, MAX_ERRORS) });
    const { rows, errors } = readRows(given as CreateTransferDto[], pointerOf);
    if (errors.length > 0) throw new DomainError('request.invalid', { errors: errors.slice(0, MAX_ERRORS) });
    const { merchant } = request;
    return this.answers.execute(request, async (tx) => {
      const foreign = await faultsOfAccounts(tx, merchant, rows, pointerOf);
      if (foreign.length > 0) throw new DomainError('request.invalid', { errors: foreign.slice(0, MAX_ERRORS) });
      const linked = atomic && rows.length > 1 ? { linked: true } : {};
      const outcomes = await postTransfers(
        tx,
        rows.map(({ instruction }, index) => (index < rows.length - 1 ? { ...instruction, ...linked } : instruction)),
      );
      if (atomic) assertAll(outcomes, pointerOf);
      await this.keep(tx, merchant, rows, outcomes);
      const id = newUuid();
      return {
        resourceId: id,
        resource: {
          object: 'ledger_transfer_batch',
          livemode: merchant.livemode,
          atomic,
          count: rows.length,
          refused: outcomes.filter(isRefusal).length,
          results: outcomes.map((outcome, index) => ({
            outcome,
            transfer_id: isRefusal(outcome) ? null : encodeId('transfer', rows[index]?.client.transferId ?? ''),
          })),
        },
      };
    });
  }

  /**
   * Posts or voids a pending transfer, or reverses one.
   * @throws {DomainError} `ledger.transfer_not_found` for what is not the merchant's own, why it was refused, and the `idempotency.*` codes
   */
  name(
    request: KeyedRequest,
    id: string,
    naming: Naming,
    said: { readonly description?: string | undefined; readonly effectiveAt?: string | undefined },
  ): Promise<KeyedAnswer> {
    return this.answers.execute(request, async (tx) => {
      const named = await findClientTransfer(tx, request.merchant, id);
      if (named === undefined) throw new DomainError('ledger.transfer_not_found');
      const effectiveAt = said.effectiveAt === undefined ? new Date() : new Date(said.effectiveAt);
      return this.one(tx, request.merchant, rowNaming(named, naming, said.description ?? null, effectiveAt));
    });
  }

  private async one(tx: Tx, owner: Owner, row: Row): Promise<Made> {
    const outcomes = await postTransfers(tx, [row.instruction]);
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error('a transfer was given no outcome');
    if (isRefusal(outcome)) throw refusalOf(outcome);
    await this.keep(tx, owner, [row], outcomes);
    const { transferId } = row.client;
    const made = await findClientTransfer(tx, owner, transferId);
    if (made === undefined) throw new Error('a transfer that was posted is not there');
    return { resourceId: transferId, resource: viewTransfer(made) };
  }

  private async keep(tx: Tx, owner: Owner, rows: readonly Row[], outcomes: readonly PostingOutcome[]): Promise<void> {
    const done = rows.filter((_, index) => {
      const outcome = outcomes[index];
      return outcome !== undefined && !isRefusal(outcome);
    });
    await insertClientTransfers(
      tx,
      owner,
      done.map(({ client }) => client),
    );
    // By one name: what merchants call their own kinds would be a series each.
    const posted = outcomes.filter((outcome) => outcome === 'posted').map(() => 'client');
    tx.afterCommit(() => this.metrics.posted(posted));
  }
}

function assertAll(outcomes: readonly PostingOutcome[], pointerOf: (index: number) => string): void {
  const errors = outcomes.flatMap((outcome, index) =>
    isRefusal(outcome) && outcome !== 'linked_failed' ? [{ pointer: pointerOf(index), code: outcome }] : [],
  );
  if (errors.length > 0) throw new DomainError('ledger.batch_refused', { errors });
}

function readRows(
  given: readonly CreateTransferDto[],
  pointerOf: (index: number) => string,
): { readonly rows: readonly Row[]; readonly errors: readonly FieldError[] } {
  const now = new Date();
  const errors: FieldError[] = [];
  const rows = given.map((body, index) => {
    const account = (name: 'debit_account_id' | 'credit_account_id'): string => {
      const id = decodeId('account', body[name]);
      if (id === undefined) errors.push({ pointer: `${pointerOf(index)}/${name}`, code: 'invalid_id' });
      return id ?? '';
    };
    const expiresAt = body.expires_at === undefined ? null : new Date(body.expires_at);
    if (expiresAt !== null && body.pending !== true)
      errors.push({ pointer: `${pointerOf(index)}/expires_at`, code: 'not_pending' });
    else if (expiresAt !== null && expiresAt <= now)
      errors.push({ pointer: `${pointerOf(index)}/expires_at`, code: 'in_the_past' });
    const client: ClientTransfer = {
      transferId: newUuid(),
      debitAccountId: account('debit_account_id'),
      creditAccountId: account('credit_account_id'),
      kind: body.kind ?? DEFAULT_KIND,
      subject: body.subject ?? null,
      description: body.description ?? null,
      metadata: body.metadata ?? {},
    };
    const transfer = {
      id: client.transferId,
      debitAccountId: client.debitAccountId,
      creditAccountId: client.creditAccountId,
      amountMinor: BigInt(body.amount),
      kind: client.kind,
      subjectId: null,
      effectiveAt: body.effective_at === undefined ? now : new Date(body.effective_at),
    };
    const instruction: Instruction = body.pending === true ? { ...transfer, phase: 'pending', expiresAt } : transfer;
    return { instruction, client };
  });
  return { rows, errors };
}

/** Accounts that are somebody else's, or of a kind that mirrors real money. */
async function faultsOfAccounts(
  tx: Tx,
  owner: Owner,
  rows: readonly Row[],
  pointerOf: (index: number) => string,
): Promise<readonly FieldError[]> {
  const ids = new Set(rows.flatMap(({ client }) => [client.debitAccountId, client.creditAccountId]));
  const kinds = await kindsOf(tx, owner, [...ids]);
  return rows.flatMap(({ client }, index) =>
    (
      [
        ['debit_account_id', client.debitAccountId],
        ['credit_account_id', client.creditAccountId],
      ] as const
    ).flatMap(([name, id]) => {
      const kind = kinds.get(id);
      if (kind === 'client') return [];
      return [
        { pointer: `${pointerOf(index)}/${name}`, code: kind === undefined ? 'account_not_found' : 'system_account' },
      ];
    }),
  );
}

function rowNaming(named: TransferRow, naming: Naming, description: string | null, effectiveAt: Date): Row {
  const isBack = naming.phase === 'reverse';
  const client: ClientTransfer = {
    transferId: newUuid(),
    debitAccountId: isBack ? named.creditAccountId : named.debitAccountId,
    creditAccountId: isBack ? named.debitAccountId : named.creditAccountId,
    kind: named.kind,
    subject: named.subject,
    description,
    metadata: {},
  };
  const amount = naming.amountMinor === undefined ? {} : { amountMinor: naming.amountMinor };
  const what = { id: client.transferId, kind: named.kind, effectiveAt, ...amount };
  const instruction: Instruction =
    naming.phase === 'reverse'
      ? { ...what, phase: 'reverse', reversesId: named.transferId }
      : { ...what, phase: naming.phase, pendingId: named.transferId };
  return { instruction, client };
}
