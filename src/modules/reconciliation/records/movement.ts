/** What the ledger's announcements say of clearing accounts. Pure. */
import { transfersPosted } from '../../../contracts/ledger.events.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';

/** A ledger transfer that touched a gateway's clearing account. */
export interface Movement {
  readonly transferId: string;
  readonly attemptId: string;
  readonly gatewayAccountId: string;
  readonly livemode: boolean;
  readonly kind: string;
  readonly side: 'debit' | 'credit';
  readonly amount: number;
  readonly currency: string;
  readonly effectiveAt: string;
}

/** @throws {Error} for an event of another kind: it becomes a dead letter. */
export function movementsIn(event: StoredEvent): readonly Movement[] {
  if (event.type !== transfersPosted.type) throw new Error(`Reconciliation keeps nothing of ${event.type}`);
  const { transfers } = event.payload as PayloadOf<typeof transfersPosted>;
  return transfers.flatMap(
    ({ transfer_id: transferId, kind, amount, currency, effective_at: effectiveAt, clearing }) =>
      clearing === undefined
        ? []
        : [
            {
              transferId,
              attemptId: clearing.attempt_id,
              gatewayAccountId: clearing.gateway_account_id,
              livemode: clearing.livemode,
              kind,
              side: clearing.side,
              amount,
              currency,
              effectiveAt,
            },
          ],
  );
}
