import { statement, type Tx } from '../database/tx.js';
import type { NewEvent } from './event.js';
import { relayWake } from './relay-wake.js';

/** One JSON document instead of a parameter per column: both sides read and write it several times faster than arrays. */
const appendStatement = statement(
  'messaging.append',
  `INSERT INTO messaging.outbox (id, type, aggregatetype, aggregateid, merchant_id, payload, headers)
   SELECT id, type, "aggregateType", "aggregateId", "merchantId", payload, headers
     FROM json_to_recordset($1::json) AS e(id uuid, type text, "aggregateType" text, "aggregateId" text, "merchantId" uuid, payload jsonb, headers jsonb)`,
);

/** Appends events to the outbox inside the caller's transaction, and wakes the relay of this process when it commits. */
export async function appendEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(appendStatement, [JSON.stringify(events)]);
  tx.afterCommit(() => relayWake.signal());
}
