/** Finds what gateways have settled at the bank, has it booked, and says where the two differ. */
import { settlementReceived } from '../../../contracts/reconciliation.events.js';
import { currency as currencySchema } from '../../../contracts/shared.js';
import { groupBy } from '../../../kernel/collections/group-by.js';
import type { Database } from '../../../kernel/database/database.js';
import { databaseNow } from '../../../kernel/database/database-now.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { newId, newUuid } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent, type NewEvent } from '../../../kernel/outbox/event.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import type { Found } from '../matching/break.js';
import { joinSpans } from '../matching/policy.js';
import { acceptedKey, acceptedOf } from '../resolutions/resolutions.store.js';
import { changedBreaks, contentsOf } from '../runs/results.js';
import { standingBreaks, writeBreaks } from '../runs/results.store.js';
import {
  bankCoverage,
  expectedSettlements,
  lockBankReceipts,
  MOST_CREDITS,
  MOST_SETTLEMENTS,
  noteReceived,
  openCredits,
  stateOfBankReceipts,
  type AccountCoverage,
  type ExpectedSettlement,
  type OpenCredit,
} from './bank-receipts.store.js';
import { judgeMissing, judgeReceived } from './judge-settlements.js';
import { matchSettlements, type Received } from './match-settlements.js';

/** Statements come once a day; whether there is something new is asked with one small query. In ms. */
const EVERY_MS = 10_000;
const DAY_MS = 86_400_000;

export class ReceiveSettlements extends IntervalTask {
  constructor(database: Database, logger: Logger) {
    let seen: string | undefined;
    super({
      name: 'reconciliation.receive_settlements',
      everyMs: EVERY_MS,
      logger,
      run: async () => {
        const state = await stateOfBankReceipts(database);
        if (state === seen) return;
        const received = await receiveSettlements(database, (await databaseNow(database)).getTime());
        if (received === undefined) return;
        seen = state;
        if (received > 0) logger.info({ received }, 'settlements have come in at the bank');
      },
    });
  }
}

/**
 * One look, in one commit. A second one changes nothing.
 * @param asOf in ms since 1970
 * @returns how many entries of the bank were found to be settlements; undefined while somebody else looks
 */
export function receiveSettlements(database: Database, asOf: number): Promise<number | undefined> {
  return database.transaction(async (tx) => {
    if (!(await lockBankReceipts(tx))) return undefined;
    const expected = await expectedSettlements(tx);
    const oldest = expected.at(-1);
    if (oldest === undefined) return 0;
    const since = new Date(oldest.settledAt - DAY_MS).toISOString().slice(0, 10);
    const credits = await openCredits(tx, since);
    const isWhole = expected.length < MOST_SETTLEMENTS && credits.length < MOST_CREDITS;
    const received = [true, false].flatMap((livemode) =>
      matchSettlements(
        expected.filter((each) => each.livemode === livemode),
        credits.filter((each) => each.livemode === livemode),
        isWhole,
      ),
    );
    await noteReceived(tx, received);
    await appendEvents(tx, announcements(received, credits));
    const coverage = await bankCoverage(tx, since);
    await noteBreaks(tx, expected, breaksOf({ expected, received, coverage, asOf }));
    return received.length;
  });
}

function announcements(received: readonly Received[], credits: readonly OpenCredit[]): readonly NewEvent[] {
  const correlationId = newId('request');
  const creditOf = new Map(credits.map((each) => [each.id, each]));
  return received.flatMap(({ settlements: [first, ...others], credit: { id } }) => {
    const credit = creditOf.get(id);
    if (first === undefined || credit === undefined) return [];
    return [
      newEvent(
        settlementReceived,
        { aggregateId: id, merchantId: null, cause: { correlationId } },
        {
          bank_line_id: id,
          livemode: credit.livemode,
          gateway_account_id: first.gatewayAccountId,
          settlement_ids: [first, ...others].map((each) => each.id),
          amount: toJsonAmount(credit.amount),
          currency: currencySchema.parse(credit.currency),
          booked_on: credit.bookedOn,
        },
      ),
    ];
  });
}

function breaksOf(seen: {
  readonly expected: readonly ExpectedSettlement[];
  readonly received: readonly Received[];
  readonly coverage: readonly AccountCoverage[];
  readonly asOf: number;
}): readonly Found[] {
  const found = new Set(seen.received.flatMap(({ settlements }) => settlements.map(({ id }) => id)));
  const missing = seen.expected
    .filter(({ id }) => !found.has(id))
    .flatMap((settlement) => {
      const accounts = groupBy(
        seen.coverage.filter(
          ({ currency, livemode }) => currency === settlement.currency && livemode === settlement.livemode,
        ),
        ({ account }) => account,
      );
      // It may have come in at any of our accounts: so each must tell of all that time.
      const [first, ...others] = [...accounts.values()].map((spans) =>
        judgeMissing(settlement, joinSpans(spans), seen.asOf),
      );
      return first !== undefined && others.every((each) => each.length > 0) ? first : [];
    });
  return [...seen.received.flatMap(judgeReceived), ...missing];
}

/** Nothing that somebody has dismissed, or had booked. */
async function noteBreaks(tx: Tx, expected: readonly ExpectedSettlement[], found: readonly Found[]): Promise<void> {
  const ids = expected.map(({ id }) => id);
  const accepted = await acceptedOf(tx, ids);
  const wanted = found.filter((each) => !accepted.has(acceptedKey(contentsOf(each))));
  const standing = await standingBreaks(tx, ids);
  const look = newUuid();
  for (const [of, settlements] of groupBy(expected, ({ gatewayAccountId }) => gatewayAccountId)) {
    const [first] = settlements;
    if (first === undefined) continue;
    const own = new Set(settlements.map(({ id }) => id));
    const changes = changedBreaks(
      wanted.filter(({ subjectId }) => own.has(subjectId)),
      standing.filter(({ subjectId }) => own.has(subjectId)),
      () => true,
    );
    await writeBreaks(
      tx,
      { id: look, gatewayAccountId: of, gateway: first.gateway, livemode: first.livemode },
      changes,
    );
  }
}
