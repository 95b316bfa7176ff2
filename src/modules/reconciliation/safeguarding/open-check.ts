/** A look at whether what is held covers what is owed, every hour and when somebody asks for one. */
import type { Env } from '../../../config/env.js';
import { obligationsRequested } from '../../../contracts/reconciliation.events.js';
import type { Database } from '../../../kernel/database/database.js';
import { databaseNow } from '../../../kernel/database/database-now.js';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent } from '../../../kernel/outbox/event.js';
import { ScheduledTask } from '../../../kernel/queue/scheduled-task.js';
import { askForListing } from '../listings/ask-for-listing.js';
import { everyAccount } from '../runs/runs.store.js';
import { insertCheck, waitingCheck, type Check } from './checks.store.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ISO_DAY = 'YYYY-MM-DD'.length;
/** Past the hour, when everybody else asks gateways for something. */
const PATTERN = '17 * * * *';
/** After how many days at most what was captured is part of a gateway's balance, or has been settled: over a long weekend. */
const SETTLES_WITHIN_DAYS = 5;
const BALANCES_ARE_OF_MS = 1_000;

interface Asked {
  /** Undefined for one that somebody asks for: it is the only one of its job. */
  readonly job?: string;
  readonly windowFrom: Date;
  readonly requestedBy: string | null;
}

/** For whoever asks: the check that waits already, or a new one. */
export async function askForCheck(database: Database, requestedBy: string): Promise<Check> {
  for (;;) {
    const now = await databaseNow(database);
    const check = await openCheck(database, { windowFrom: now, requestedBy }, now);
    // Another one waited, and has ended between two looks.
    if (check !== undefined) return check;
  }
}

/**
 * Asks the ledger what is owed, and every gateway what it holds, in one commit. There is one check at a time, and one per job and window.
 * @returns the check that waits; undefined when this one has been there already
 */
export function openCheck(database: Database, asked: Asked, now: Date): Promise<Check | undefined> {
  return database.transaction(async (tx) => {
    const going = await waitingCheck(tx);
    if (going !== undefined) return going;
    const id = newUuid();
    const correlationId = encodeId('safeguardingCheck', id);
    const accounts = (await everyAccount(tx)).map((account) => ({ account, listingId: newUuid() }));
    const listingIds = accounts.map(({ listingId }) => listingId);
    const capturedSince = new Date(now.getTime() - SETTLES_WITHIN_DAYS * DAY_MS).toISOString().slice(0, ISO_DAY);
    const check = await insertCheck(tx, { job: `asked for ${id}`, ...asked, id, capturedSince, listingIds });
    if (check === undefined) return waitingCheck(tx);
    const window = { from: new Date(now.getTime() - BALANCES_ARE_OF_MS), to: now };
    for (const { account, listingId } of accounts)
      await askForListing(tx, { ...account, ...window, what: 'balances', asks: 1 }, correlationId, listingId);
    const context = { aggregateId: id, merchantId: null, cause: { correlationId } };
    const question = { check_id: id, captured_since: capturedSince };
    await appendEvents(tx, [newEvent(obligationsRequested, context, question)]);
    return check;
  });
}

export class HourlyChecks extends ScheduledTask {
  constructor(database: Database, env: Env, logger: Logger) {
    super({
      env,
      logger,
      name: 'reconciliation.hourly_checks',
      repeat: { pattern: PATTERN },
      run: async () => {
        const now = await databaseNow(database);
        const windowFrom = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
        await openCheck(database, { job: 'hourly', windowFrom, requestedBy: null }, now);
      },
    });
  }
}
