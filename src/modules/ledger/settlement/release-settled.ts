/** Makes available what is due. */
import { transfersPosted } from '../../../contracts/ledger.events.js';
import { crashPoint } from '../../../kernel/crash-points/crash-points.js';
import { isTransientDatabaseError } from '../../../kernel/database/sql-state.js';
import { describeError } from '../../../kernel/errors/describe.js';
import type { Database } from '../../../kernel/database/database.js';
import { newId, newUuid } from '../../../kernel/ids/ids.js';
import { isCurrency, toJsonAmount, type Currency } from '../../../kernel/money/money.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent, type NewEvent } from '../../../kernel/outbox/event.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import type { AccountIds } from '../accounts/account-ids.js';
import { accountKey, idOf, type AccountKey } from '../accounts/account.js';
import type { LedgerMetrics } from '../ledger.metrics.js';
import { transferIdOf } from '../transfers/transfer-id.js';
import type { TransferKind } from '../transfers/transfer.js';
import {
  findDue,
  releaseSettled,
  type DueAccount,
  type ReleaseAnswer,
  type ReleaseOrder,
} from './settlements.store.js';

/** So late may something become available that is due. */
const EVERY_MS = 1_000;
/** Accounts in one transaction, all of them locked for some tens of ms. */
const ACCOUNTS_AT_ONCE = 50;
/** What is due and held by a payout is looked at again after this, in ms: payouts take seconds, or days. */
const AGAIN_AFTER_MS = 15_000;

export interface ReleaseOptions {
  readonly database: Database;
  readonly accountIds: AccountIds;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  readonly metrics: Pick<LedgerMetrics, 'posted'>;
  readonly againAfterMs?: number;
}

export class ReleaseSettled extends IntervalTask {
  constructor(options: Omit<ReleaseOptions, 'logger'> & { readonly logger: Logger }) {
    super({
      name: 'ledger.release_settled',
      everyMs: EVERY_MS,
      logger: options.logger,
      run: () => releaseDue(options),
    });
  }
}

/** One step. Several processes may do this at once: an account's releases are numbered, and its next number is given once. */
export async function releaseDue(options: ReleaseOptions): Promise<{ again: boolean }> {
  const due = await findDue(options.database, ACCOUNTS_AT_ONCE);
  if (due.length === 0) return { again: false };
  const done = (await releaseAll(options, due)).filter(({ outcome }) => outcome === 'released');
  if (done.length > 0)
    options.logger.info(
      { accounts: done.length, payments: done.reduce((sum, { payments }) => sum + payments, 0) },
      'what was due has been released',
    );
  return { again: done.length > 0 && due.length === ACCOUNTS_AT_ONCE };
}

/** Together; or, where that fails, each for itself, so that one on which something is wrong keeps no other waiting. */
async function releaseAll(options: ReleaseOptions, due: readonly DueAccount[]): Promise<readonly ReleaseAnswer[]> {
  try {
    return await releaseTogether(options, due);
  } catch (error) {
    if (due.length === 1 || isTransientDatabaseError(error)) throw error;
  }
  const answers: ReleaseAnswer[] = [];
  for (const account of due) {
    try {
      answers.push(...(await releaseTogether(options, [account])));
    } catch (error) {
      options.logger.error(
        { account: account.accountId, error: describeError(error) },
        'nothing can be released from an account',
      );
    }
  }
  return answers;
}

function releaseTogether(options: ReleaseOptions, due: readonly DueAccount[]): Promise<readonly ReleaseAnswer[]> {
  const { database, accountIds, metrics, againAfterMs = AGAIN_AFTER_MS } = options;
  return database.transaction(async (tx) => {
    // Before any account is locked: opening one may wait for somebody else who does.
    const ids = await accountIds.resolve(tx, due.map(availableOf));
    const orders = due.map((account) => orderOf(account, idOf(availableOf(account), ids)));
    const released = await releaseSettled(tx, orders, againAfterMs);
    crashPoint('ledger.after_releasing');
    const correlationId = newId('request');
    const made = due.flatMap((account, index): Made[] => {
      const [order, answer] = [orders[index], released.answers[index]];
      if (order === undefined || answer === undefined || answer.amountMinor === 0n) return [];
      return [{ account, order, answer, releasedAt: released.releasedAt, correlationId }];
    });
    await appendEvents(tx, made.map(announcement));
    tx.afterCommit(() => metrics.posted(made.map(({ order }) => order.kind)));
    return released.answers;
  });
}

/** A release that moved something. */
interface Made {
  readonly account: DueAccount;
  readonly order: ReleaseOrder;
  readonly answer: ReleaseAnswer;
  readonly releasedAt: Date;
  readonly correlationId: string;
}

function availableOf({ merchantId, livemode, currency }: DueAccount): AccountKey {
  return accountKey({ livemode, currency: currencyOf(currency) }, 'merchant_available', { merchantId });
}

function currencyOf(code: string): Currency {
  if (!isCurrency(code)) throw new RangeError(`An account is kept in ${code}, which is not a currency of ours`);
  return code;
}

function orderOf({ accountId, kind, releases }: DueAccount, availableId: string): ReleaseOrder {
  return {
    accountId,
    availableId,
    releases,
    releaseId: newUuid(),
    transferId: transferIdOf(accountId, `release ${releases + 1}`),
    kind: (kind === 'merchant_rolling_reserve' ? 'reserve_release' : 'settlement') satisfies TransferKind,
  };
}

function announcement({ account, order, answer, releasedAt, correlationId }: Made): NewEvent {
  return newEvent(
    transfersPosted,
    { aggregateId: order.releaseId, merchantId: account.merchantId, cause: { correlationId } },
    {
      subject_id: order.releaseId,
      transfers: [
        {
          transfer_id: order.transferId,
          kind: order.kind,
          debit_account_id: account.accountId,
          credit_account_id: order.availableId,
          amount: toJsonAmount(answer.amountMinor),
          currency: currencyOf(account.currency),
          effective_at: releasedAt.toISOString(),
        },
      ],
    },
  );
}
