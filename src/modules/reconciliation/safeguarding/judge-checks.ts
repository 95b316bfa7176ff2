/** Ends checks: once the ledger and all gateways have answered, or will not. */
import { coverageJudged } from '../../../contracts/reconciliation.events.js';
import { currency as currencySchema } from '../../../contracts/shared.js';
import type { Database } from '../../../kernel/database/database.js';
import { databaseNow } from '../../../kernel/database/database-now.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent, type NewEvent } from '../../../kernel/outbox/event.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { giveUpListing, withdrawListing } from '../listings/ask-for-listing.js';
import { lockOpen } from '../listings/listings.store.js';
import { closeCheck, insertCoverage, waitingCheck, type ToldObligations, type WaitingCheck } from './checks.store.js';
import { balancesSince } from './gateway-balances.store.js';
import { closingBalances, deniedCaptures, settlementsUnderWay } from './holdings.store.js';
import { judgeCoverage, type BankSide, type Coverage, type GatewaySide } from './judge-coverage.js';

const EVERY_MS = 5_000;
/** Gateways that are down are not waited for: a check says what it knows. In ms. */
const PATIENCE_MS = 1_800_000;
/** What a gateway said within this time still tells something, in ms: it may be down, as others are not. */
const TOLD_WITHIN_MS = 6 * 3_600_000;
const DAY_MS = 86_400_000;
/** A bank's last statement may be of before a long weekend. */
const STATEMENT_WITHIN_DAYS = 4;

export interface JudgeChecksOptions {
  readonly database: Database;
  readonly logger: Logger;
  /** In ms. */
  readonly patienceMs?: number;
}

export class JudgeChecks extends IntervalTask {
  constructor(options: JudgeChecksOptions) {
    super({
      name: 'reconciliation.judge_checks',
      everyMs: EVERY_MS,
      logger: options.logger,
      run: async () => void (await judgeWaiting(options, await databaseNow(options.database))),
    });
  }
}

/** One look. @returns what the check came to; undefined when there is none, or it still waits, or it failed */
export async function judgeWaiting(options: JudgeChecksOptions, now: Date): Promise<readonly Coverage[] | undefined> {
  const { database, logger, patienceMs = PATIENCE_MS } = options;
  const check = await waitingCheck(database);
  if (check === undefined) return undefined;
  const isWhole = check.obligations !== null && check.openListingIds.length === 0;
  if (!isWhole && now.getTime() - check.createdAt.getTime() < patienceMs) return undefined;
  const judged = await database.transaction((tx) => end(tx, check, now));
  if (judged === undefined) return undefined;
  if (judged === 'failed') {
    logger.error({ check: check.id }, 'what is owed was not told: a safeguarding check has failed');
    return undefined;
  }
  for (const each of judged) report(logger, each);
  return judged;
}

const TOLD = {
  covered: { level: 'info', text: 'what is held covers what is owed' },
  unproved: { level: 'warn', text: 'what is owed is covered by our own books alone' },
  short: { level: 'error', text: 'what is held does not cover what is owed' },
} as const;

function report(logger: Logger, { status, currency, livemode, owed, held, unproved, shortfall }: Coverage): void {
  const { level, text } = TOLD[status];
  const figures = { owed: String(owed), held: String(held), unproved: String(unproved), shortfall: String(shortfall) };
  logger[level]({ currency, livemode, ...figures }, text);
}

async function end(tx: Tx, check: WaitingCheck, now: Date): Promise<readonly Coverage[] | 'failed' | undefined> {
  for (const listing of await lockOpen(tx, check.openListingIds)) {
    await giveUpListing(tx, listing, 'canceled', null);
    await withdrawListing(tx, listing.id, encodeId('safeguardingCheck', check.id));
  }
  if (check.obligations === null) return (await closeCheck(tx, check.id, 'failed', 'no_answer')) ? 'failed' : undefined;
  if (!(await closeCheck(tx, check.id, 'judged', null))) return undefined;
  const coverage = judgeCoverage(
    check.obligations.owed.map(({ livemode, currency, merchants, customers, on_its_way: onItsWay }) => ({
      livemode,
      currency,
      merchants: BigInt(merchants),
      customers: BigInt(customers),
      onItsWay: BigInt(onItsWay),
    })),
    await gatewaySides(tx, check.obligations, now),
    await bankSides(tx, now),
  );
  await insertCoverage(tx, check.id, coverage);
  await appendEvents(
    tx,
    coverage.map((each) => announcement(check.id, each)),
  );
  return coverage;
}

/** Accounts that the ledger knows; what another one has been prefunded with, nobody has booked. */
async function gatewaySides(tx: Tx, { clearing }: ToldObligations, now: Date): Promise<readonly GatewaySide[]> {
  const ids = [...new Set(clearing.map((each) => each.gateway_account_id))];
  const told = amounts(
    (await balancesSince(tx, ids, new Date(now.getTime() - TOLD_WITHIN_MS))).map((each) => ({
      ...each,
      amount: each.available,
    })),
  );
  const underWay = amounts(await settlementsUnderWay(tx));
  const denied = amounts(await deniedCaptures(tx, ids));
  return clearing.map(({ gateway_account_id: id, livemode, currency, balance, captured }) => {
    const key = keyOf(id, currency);
    return {
      gatewayAccountId: id,
      livemode,
      currency,
      booked: BigInt(balance),
      told: told.get(key) ?? null,
      underWay: underWay.get(key) ?? 0n,
      captured: BigInt(captured),
      denied: denied.get(key) ?? 0n,
    };
  });
}

async function bankSides(tx: Tx, now: Date): Promise<readonly BankSide[]> {
  const oldest = new Date(now.getTime() - STATEMENT_WITHIN_DAYS * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
  return (await closingBalances(tx)).map((each) => ({ ...each, isRecent: each.closedOn >= oldest }));
}

const keyOf = (gatewayAccountId: string, currency: string): string => `${gatewayAccountId} ${currency}`;

function amounts(
  rows: readonly { readonly gatewayAccountId: string; readonly currency: string; readonly amount: bigint }[],
): ReadonlyMap<string, bigint> {
  return new Map(rows.map((row) => [keyOf(row.gatewayAccountId, row.currency), row.amount]));
}

function announcement(checkId: string, each: Coverage): NewEvent {
  const cause = { correlationId: encodeId('safeguardingCheck', checkId) };
  return newEvent(
    coverageJudged,
    { aggregateId: checkId, merchantId: null, cause },
    {
      check_id: checkId,
      livemode: each.livemode,
      currency: currencySchema.parse(each.currency),
      status: each.status,
      owed: toJsonAmount(each.owed),
      on_its_way: toJsonAmount(each.onItsWay),
      held: toJsonAmount(each.held),
      unproved: toJsonAmount(each.unproved),
      shortfall: toJsonAmount(each.shortfall),
    },
  );
}
