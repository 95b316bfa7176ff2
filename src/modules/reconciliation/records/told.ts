/** What routing's events say of attempts. Pure. */
import {
  attemptConcluded,
  attemptQuarantined,
  attemptUpdated,
  disbursementAttempted,
  disbursementDuplicated,
  disbursementQuarantined,
  disbursementRecovered,
  disbursementReturned,
  disbursementSucceeded,
  paymentRouted,
  surplusCaptured,
} from '../../../contracts/routing.events.js';
import type { AttemptSnapshot } from '../../../contracts/shared.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { handlesOf, keyOf, type RecordKind, type Told } from './record.js';

interface Figures {
  readonly movedAmount: number;
  readonly movedCurrency: string;
  readonly fee: number;
}

/** @throws {Error} for an event that names no merchant, or is not one of ours: it becomes a dead letter. */
export function toldBy(event: StoredEvent): Told {
  switch (event.type) {
    case attemptUpdated.type:
    case attemptConcluded.type:
      return ofPayment(event, event.payload as PayloadOf<typeof attemptConcluded>);
    case paymentRouted.type:
    case surplusCaptured.type: {
      const payload = event.payload as PayloadOf<typeof paymentRouted>;
      return ofPayment(event, payload, moved(payload));
    }
    case attemptQuarantined.type: {
      const payload = event.payload as PayloadOf<typeof attemptQuarantined>;
      const { captured_amount: amount, captured_currency: currency, gateway_fee } = payload;
      return ofPayment(event, payload, moved({ amount, currency, gateway_fee }));
    }
    case disbursementAttempted.type:
    // What came back is what had been sent, with the fee that was told then.
    case disbursementReturned.type:
    case disbursementRecovered.type:
      return ofDisbursement(event, event.payload as PayloadOf<typeof disbursementAttempted>);
    case disbursementSucceeded.type:
    case disbursementDuplicated.type: {
      const payload = event.payload as PayloadOf<typeof disbursementSucceeded>;
      return ofDisbursement(event, payload, moved(payload));
    }
    case disbursementQuarantined.type: {
      const payload = event.payload as PayloadOf<typeof disbursementQuarantined>;
      const { paid_amount: amount, paid_currency: currency, gateway_fee } = payload;
      return ofDisbursement(event, payload, moved({ amount, currency, gateway_fee }));
    }
    default:
      throw new Error(`Reconciliation keeps nothing of ${event.type}`);
  }
}

function moved(of: { readonly amount: number; readonly currency: string; readonly gateway_fee: number }): Figures {
  return { movedAmount: of.amount, movedCurrency: of.currency, fee: of.gateway_fee };
}

function ofPayment(
  event: StoredEvent,
  payload: Pick<PayloadOf<typeof attemptConcluded>, 'payment_id' | 'livemode' | 'attempt'>,
  figures?: Figures,
): Told {
  return told(event, { kind: 'payment', subjectId: payload.payment_id, ...payload }, figures);
}

function ofDisbursement(
  event: StoredEvent,
  payload: Pick<PayloadOf<typeof disbursementAttempted>, 'kind' | 'subject_id' | 'livemode' | 'attempt'>,
  figures?: Figures,
): Told {
  return told(event, { subjectId: payload.subject_id, ...payload }, figures);
}

function told(
  event: StoredEvent,
  about: {
    readonly kind: RecordKind;
    readonly subjectId: string;
    readonly livemode: boolean;
    readonly attempt: AttemptSnapshot;
  },
  figures: Figures | undefined,
): Told {
  if (event.merchantId === null) throw new Error(`${event.type} of ${event.aggregateId} belongs to no merchant`);
  const { kind, subjectId, livemode, attempt } = about;
  return {
    attemptId: attempt.attempt_id,
    kind,
    subjectId,
    merchantId: event.merchantId,
    livemode,
    gateway: attempt.gateway,
    gatewayAccountId: attempt.gateway_account_id,
    reference: attempt.reference,
    key: keyOf(attempt.reference),
    handles: handlesOf(Object.values(attempt.handles ?? {})),
    status: attempt.status,
    version: attempt.version,
    amount: attempt.amount ?? null,
    currency: attempt.currency ?? null,
    movedAmount: figures?.movedAmount ?? null,
    movedCurrency: figures?.movedCurrency ?? null,
    fee: figures?.fee ?? null,
    figuresVersion: figures === undefined ? 0 : attempt.version,
    startedAt: attempt.started_at,
    concludedAt: attempt.concluded_at,
  };
}
