import { accountSecured } from '../../../contracts/auth.events.js';
import { databaseNow } from '../../../kernel/database/database-now.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent, type PayloadOf } from '../../../kernel/outbox/event.js';
import type { AdminRow } from './admins.store.js';
import type { Cause } from './sessions.js';

/** Tells of something about how a person comes in, so that they hear of it by mail: whoever did it may be somebody else. */
export async function tellAccountSecured(
  tx: Tx,
  { id, email, name }: Pick<AdminRow, 'id' | 'email' | 'name'>,
  what: PayloadOf<typeof accountSecured>['what'],
  { correlationId }: Cause,
): Promise<void> {
  const happenedAt = (await databaseNow(tx)).toISOString();
  const payload = { admin_id: id, email, name, what, happened_at: happenedAt };
  await appendEvents(tx, [
    newEvent(accountSecured, { aggregateId: id, merchantId: null, cause: { correlationId } }, payload),
  ]);
}
