/** Runs that wait for the gateway's own books before they begin. */
import type { Database } from '../../../kernel/database/database.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { cancelRun, findRun, insertRun, waitForSource, type NewRun, type Run } from '../runs/runs.store.js';
import { askForListing, giveUpListing, withdrawListing } from './ask-for-listing.js';
import { settlementsFor, transactionsFor, type Window } from './listing.js';
import { lockOpen } from './listings.store.js';

export interface RunToOpen extends Omit<NewRun, 'sourceId'> {
  /** Whether the gateway is asked for what it has paid to the bank as well: once is enough for several runs of one day. */
  readonly withSettlements: boolean;
}

/**
 * Opens a run, and asks the gateway for its books over the run's window and what lies around it: one commit. The run waits until they are in, or
 * surely will not come. Opened a second time, it is the same run, and nothing is asked again.
 */
export function openRun(
  database: Database,
  { withSettlements, ...run }: RunToOpen,
  now: Date,
): Promise<{ readonly run: Run; readonly isNew: boolean }> {
  return database.transaction(async (tx) => {
    const opened = await insertRun(tx, { ...run, sourceId: null });
    if (!opened.isNew) return opened;
    const correlationId = correlationOf(run);
    const ask = (what: 'transactions' | 'settlements', window: Window): Promise<string> =>
      askForListing(tx, { ...pickAccount(run), ...window, what, asks: 1 }, correlationId);
    const settlements = withSettlements ? settlementsFor(run, now) : undefined;
    if (settlements !== undefined) await ask('settlements', settlements);
    const transactions = transactionsFor(run, now);
    if (transactions === undefined) return opened;
    const sourceId = await ask('transactions', transactions);
    return { run: await waitForSource(tx, run.id, sourceId), isNew: true };
  });
}

/** Ends a run, and with it the listing that it waits for. @returns undefined when it is over already, or unknown */
export async function cancelRunAndListing(database: Database, id: string): Promise<Run | undefined> {
  const known = await findRun(database, id);
  if (known === undefined) return undefined;
  return database.transaction(async (tx) => {
    // First, as whoever takes the listing in does it: listing, source, run.
    const [listing] = known.sourceId === null ? [] : await lockOpen(tx, [known.sourceId]);
    const run = await cancelRun(tx, id);
    if (run === undefined || listing === undefined) return run;
    await giveUpListing(tx, listing, 'canceled', null);
    await withdrawListing(tx, listing.id, correlationOf(run));
    return findRun(tx, id);
  });
}

const correlationOf = ({ id }: Pick<Run, 'id'>): string => encodeId('reconciliationRun', id);

function pickAccount({
  gatewayAccountId,
  gateway,
  livemode,
}: Pick<NewRun, 'gatewayAccountId' | 'gateway' | 'livemode'>) {
  return { gatewayAccountId, gateway, livemode };
}
