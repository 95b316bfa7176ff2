/** What gateways' books have confirmed, and telling of it. */
import { capturesProved, MAX_PROVED_AT_ONCE } from '../../../contracts/reconciliation.events.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';
import { newId } from '../../../kernel/ids/ids.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent } from '../../../kernel/outbox/event.js';
import type { Run } from './runs.store.js';

const proveStatement = statement(
  'reconciliation.insert_proofs',
  `INSERT INTO reconciliation.proof (attempt_id, run_id)
   SELECT t.id, $2 FROM unnest($1::uuid[]) AS t (id) ORDER BY t.id
   ON CONFLICT DO NOTHING RETURNING attempt_id AS "attemptId"`,
);

/** Announces captures that were not proved before, in the transaction that found them. */
export async function announceProved(
  tx: Tx,
  run: Pick<Run, 'id' | 'gatewayAccountId'>,
  attemptIds: readonly string[],
): Promise<void> {
  if (attemptIds.length === 0) return;
  const rows = await tx.query<{ attemptId: string }>(proveStatement, [attemptIds, run.id]);
  const correlationId = newId('request');
  const starts = Array.from({ length: Math.ceil(rows.length / MAX_PROVED_AT_ONCE) }, (_, n) => n * MAX_PROVED_AT_ONCE);
  await appendEvents(
    tx,
    starts.map((start) =>
      newEvent(
        capturesProved,
        { aggregateId: run.id, merchantId: null, cause: { correlationId } },
        {
          run_id: run.id,
          gateway_account_id: run.gatewayAccountId,
          attempt_ids: rows.slice(start, start + MAX_PROVED_AT_ONCE).map(({ attemptId }) => attemptId),
        },
      ),
    ),
  );
}
