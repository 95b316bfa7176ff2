/**
 * The self-audit: goes through all accounts, over and over, at a bounded rate, and adds each up. Each look is one snapshot, so that a posting
 * in the middle of it is no drift; what looks drifted all the same is added up from its first entry on and judged under its lock.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerAuditFreezes } from '../../../../config/env.js';
import { accountDrifted } from '../../../../contracts/ledger.events.js';
import type { Database } from '../../../../kernel/database/database.js';
import { encodeId, newId, newUuid } from '../../../../kernel/ids/ids.js';
import { isCurrency } from '../../../../kernel/money/money.js';
import type { Logger } from '../../../../kernel/observability/logger.js';
import { appendEvents } from '../../../../kernel/outbox/append.js';
import { newEvent } from '../../../../kernel/outbox/event.js';
import { IntervalTask } from '../../../../kernel/queue/interval-task.js';
import type { LedgerMetrics } from '../../ledger.metrics.js';
import {
  auditAccounts,
  findPendingDrifts,
  judgeAccount,
  lockWalk,
  readAbout,
  readOpenDrifts,
  saveCheckpoints,
  saveWalk,
  sumEntries,
  type Checkpoint,
  type Judgement,
} from './audit.store.js';

const EVERY_MS = 1_000;
/** In one step. Accounts with nothing new cost some ten microseconds each. */
const ACCOUNTS_AT_ONCE = 1_000;
/** A round that takes less is followed by a pause up to this, in ms: what is pending is added up once a round, all at once. */
const SHORTEST_ROUND_MS = 10_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const OPEN_DRIFTS_AT_ONCE = 100;
/** Entries that may come while an account is added up, and are read under its lock: some 10 ms. */
const READ_UNDER_LOCK = 5_000n;
const REASON = 'self-audit: the account is not what its entries, holds and pending transfers add up to';

export interface AuditorOptions {
  readonly database: Database;
  readonly logger: Logger;
  readonly metrics: LedgerMetrics;
  readonly freezes: LedgerAuditFreezes;
  readonly entriesPerSecond: number;
}

export class AuditAccounts extends IntervalTask {
  constructor(options: AuditorOptions) {
    const auditor = new Auditor(options);
    let roundBeganAt = 0;
    super({
      name: 'ledger.audit_accounts',
      everyMs: EVERY_MS,
      logger: options.logger,
      run: async () => {
        if (performance.now() < roundBeganAt + SHORTEST_ROUND_MS) return;
        if (await auditor.step()) roundBeganAt = performance.now();
      },
    });
  }
}

export class Auditor {
  constructor(private readonly options: AuditorOptions) {}

  /**
   * Audits the next accounts, with no more entries than may be read in a second.
   * @returns whether the round is over
   */
  async step(): Promise<boolean> {
    const { database, entriesPerSecond, metrics } = this.options;
    const { suspects, isRoundOver, read } = await database.transaction(async (tx) => {
      const walk = await lockWalk(tx);
      if (walk === undefined) return { suspects: [], isRoundOver: false, read: 0 };
      const audited = await auditAccounts(tx, walk.after, ACCOUNTS_AT_ONCE, entriesPerSecond);
      await saveCheckpoints(
        tx,
        audited.filter(({ isSound, read: entries }) => isSound && entries > 0n),
      );
      // One of which there is more to read is gone on with; the others are done with for this round.
      const done = audited.filter(({ isSound, upto, version }) => !isSound || upto === version);
      const last = audited.at(-1);
      await saveWalk(tx, last === undefined ? FIRST_ID : (done.at(-1)?.id ?? walk.after), last === undefined);
      return {
        suspects: audited.filter(({ isSound }) => !isSound).map(({ id }) => id),
        isRoundOver: last === undefined,
        read: audited.reduce((sum, each) => sum + Number(each.read), 0),
      };
    });
    metrics.auditedEntries(read);
    for (const id of suspects) await this.judge(id);
    if (isRoundOver) await this.endRound();
    return isRoundOver;
  }

  /** What is pending is of one moment for all accounts; and what had drifted may have been put right. */
  private async endRound(): Promise<void> {
    const { database } = this.options;
    for (const { id } of await findPendingDrifts(database)) await this.judge(id);
    let after = FIRST_ID;
    for (;;) {
      const open = await readOpenDrifts(database, after, OPEN_DRIFTS_AT_ONCE);
      for (const id of open) await this.judge(id);
      const last = open.at(-1);
      if (last === undefined) return;
      after = last;
    }
  }

  private async judge(account: string): Promise<void> {
    const { database, logger, metrics, freezes } = this.options;
    const base = await this.addUp(account);
    const judgement = await database.transaction(async (tx) => {
      const judged = await judgeAccount(tx, { account, driftId: newUuid(), base, freezes, reason: REASON });
      if (judged.totals === null) await saveCheckpoints(tx, [base]);
      else if (judged.isNew) {
        const about = await readAbout(tx, account);
        if (about !== undefined) await appendEvents(tx, [eventOf(account, about, judged)]);
      }
      return judged;
    });
    if (judgement.totals === null || !judgement.isNew) return;
    metrics.accountDrifted();
    logger.error(
      { account: encodeId('account', account), totals: judgement.totals, frozen: judgement.isFrozen },
      'a ledger account is not what it adds up to',
    );
  }

  /** From the first entry on, but for the last ones, which come under the lock. At the rate that entries may be read. */
  private async addUp(account: string): Promise<Checkpoint> {
    const { database, entriesPerSecond } = this.options;
    const step = BigInt(entriesPerSecond);
    let sum: Checkpoint = { id: account, upto: 0n, debits: 0n, credits: 0n };
    for (;;) {
      const startedAt = performance.now();
      const { debits, credits, last, entries } = await sumEntries(database, account, sum.upto, sum.upto + step);
      // With fewer than there should be, the rest is counted under the lock, where the gap shows.
      if (last - sum.upto <= READ_UNDER_LOCK || entries < step) return sum;
      sum = { id: account, upto: sum.upto + step, debits: sum.debits + debits, credits: sum.credits + credits };
      await sleep(Math.max(0, EVERY_MS - (performance.now() - startedAt)));
    }
  }
}

function eventOf(
  account: string,
  {
    merchantId,
    livemode,
    currency,
    kind,
  }: { merchantId: string | null; livemode: boolean; currency: string; kind: string },
  { totals, isFrozen, foundAt }: Judgement,
) {
  if (!isCurrency(currency)) throw new RangeError(`${currency} is no currency of ours`);
  return newEvent(
    accountDrifted,
    { aggregateId: account, merchantId, cause: { correlationId: newId('request') } },
    {
      account_id: account,
      livemode,
      currency,
      kind,
      frozen: isFrozen === true,
      found_at: foundAt.toISOString(),
      totals: [...(totals ?? [])],
    },
  );
}
