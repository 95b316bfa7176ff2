import { statement, type Tx } from '../database/tx.js';
import type { NewEvent } from './event.js';
import { relayWake } from './relay-wake.js';

/**
 * The insert into the outbox, as a fragment for statements that write events together with their own rows
 * (accepting a payment is one statement). `$n` is the first of the seven parameters of {@link outboxColumns}.
 */
export function outboxInsertSql(n: number): string {
  return `INSERT INTO messaging.outbox (id, type, aggregatetype, aggregateid, merchant_id, payload, headers)
    SELECT * FROM unnest($${n}::uuid[], $${n + 1}::text[], $${n + 2}::text[], $${n + 3}::text[], $${n + 4}::uuid[], $${n + 5}::jsonb[], $${n + 6}::jsonb[])`;
}

/** Events as seven columns, in the order of {@link outboxInsertSql}. */
export function outboxColumns(events: readonly NewEvent[]): unknown[] {
  return [
    events.map((event) => event.id),
    events.map((event) => event.type),
    events.map((event) => event.aggregateType),
    events.map((event) => event.aggregateId),
    events.map((event) => event.merchantId),
    events.map((event) => JSON.stringify(event.payload)),
    events.map((event) => JSON.stringify(event.headers)),
  ];
}

const appendStatement = statement('messaging.append', outboxInsertSql(1));

/** Appends events to the outbox inside the caller's transaction, and wakes the relay of this process when it commits. */
export async function appendEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(appendStatement, outboxColumns(events));
  tx.afterCommit(() => relayWake.signal());
}
