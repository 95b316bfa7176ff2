import type { Database } from '../../../kernel/database/database.js';
import { databaseNow } from '../../../kernel/database/database-now.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { openRun } from '../listings/open-run.js';
import { findAccount, findGoingOn, insertRun, type Run } from './runs.store.js';

/** A month; longer windows are asked for in parts, each of which can be canceled by itself. */
const MAX_DAYS = 31;
const DAY_MS = 86_400_000;

/**
 * Has a gateway account compared over a window. Asked again while that goes on, it is the same run.
 * @throws {DomainError} `request.invalid` for a window that is none, `reconciliation.account_unknown`
 */
export async function askForRun(
  database: Database,
  asked: {
    readonly gatewayAccountId: string;
    readonly from: Date;
    readonly to: Date;
    readonly requestedBy: string | null;
    /** Whether the gateway is asked for its books first. Otherwise the run compares with what is there. */
    readonly asksGateway: boolean;
  },
): Promise<Run> {
  const length = asked.to.getTime() - asked.from.getTime();
  if (length <= 0 || length > MAX_DAYS * DAY_MS)
    throw new DomainError('request.invalid', {
      errors: [{ pointer: '/to', code: 'window', detail: `must be after from, by ${MAX_DAYS} days at most` }],
    });
  const account = await findAccount(database, asked.gatewayAccountId);
  if (account === undefined) throw new DomainError('reconciliation.account_unknown');
  const goingOn = await findGoingOn(database, asked);
  if (goingOn !== undefined) return goingOn;
  const id = newUuid();
  const toOpen = { ...asked, ...account, id, job: `asked for ${id}` };
  const { run } = asked.asksGateway
    ? await openRun(database, { ...toOpen, withSettlements: true }, await databaseNow(database))
    : await insertRun(database, { ...toOpen, sourceId: null });
  return run;
}
