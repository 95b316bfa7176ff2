/**
 * Takes a payment once, however often it is sent: the key, the payment and its event are written in one commit, shared with
 * whoever else is being accepted at that moment. No gateway is called here.
 */
import { Injectable } from '@nestjs/common';
import { paymentCreated } from '../../contracts/payments.events.js';
import { Batcher } from '../../kernel/batching/batcher.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { isDataError } from '../../kernel/database/sql-state.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { encodeId, newUuid } from '../../kernel/ids/ids.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { newEvent, type NewEvent } from '../../kernel/outbox/event.js';
import { acceptAll, type Acceptance, type AcceptanceResult } from './accept.store.js';
import type { KeyedAnswer } from '../../kernel/idempotency/keyed-answer.js';
import { AnswerOnce, type KeyedRequest, type Rendered } from './answer-once.js';
import type { CreatePaymentDto } from './create-payment.dto.js';
import { readMethod } from './method-rules.js';
import { PaymentOutcomes } from './payment-outcomes.js';
import { FeeSchedules, type Charged, type Fee } from './fees/fee-schedules.js';
import { isFinal, toResource, type Payment } from './payment.js';
import { findPayments } from './payments.store.js';
import { RoutingBacklog } from './routing-backlog.js';

const ROUTE = 'POST /v1/payments';
/** Payments in one commit. Larger batches gain little (32,700/s at 256) and hold everybody up longer. */
const MAX_BATCH = 256;
/** Two flushes in flight: the next is sent while the last waits for the disk. */
const CONCURRENCY = 2;
/** About a second's worth at full speed: whoever comes later is better told to come again. */
const MAX_WAITING = 8_000;

export interface AcceptRequest extends KeyedRequest {
  readonly body: CreatePaymentDto;
}

@Injectable()
export class AcceptPayment {
  private readonly batcher: Batcher<Acceptance, AcceptanceResult>;
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly once: AnswerOnce,
    private readonly outcomes: PaymentOutcomes,
    private readonly backlog: RoutingBacklog,
    private readonly fees: FeeSchedules,
    metrics: Metrics,
  ) {
    this.database = databases.of('payments');
    const sizes = metrics.batchSize();
    const seconds = metrics.histogram('sankofa_batch_seconds', 'Time of a flush of a group-commit batcher', [
      'batcher',
    ]);
    this.batcher = new Batcher({
      name: 'accept',
      maxBatch: MAX_BATCH,
      concurrency: CONCURRENCY,
      maxWaiting: MAX_WAITING,
      flush: (items) => acceptAll(this.database, items),
      splitOn: isDataError,
      observe: (size, time) => {
        sizes.observe({ batcher: 'accept' }, size);
        seconds.observe({ batcher: 'accept' }, time);
      },
    });
  }

  /**
   * @throws {DomainError} `request.invalid`, `payment.method_not_supported`, `payment.duplicate_reference`, and the
   *   `idempotency.*` codes.
   */
  async execute(request: AcceptRequest): Promise<KeyedAnswer> {
    return this.once.execute(request, {
      route: ROUTE,
      body: request.body,
      claim: async (claimOf) => {
        await this.fees.ready();
        const { payment, event } = prepare(request, (of) => this.fees.feeOf(of, request.merchant.platformFeeBps));
        const claim = claimOf(payment.id, render(payment));
        this.backlog.accept(payment.createdAt.getTime());
        const result = await this.batcher.submit({
          ...claim,
          payment,
          correlationId: request.correlationId,
          event,
        });
        if (result.kind === 'reference_exists') {
          throw new DomainError('payment.duplicate_reference', {
            members: { payment_id: encodeId('payment', result.paymentId) },
          });
        }
        return result;
      },
      settled: async (id, waitMs) => {
        const settled = waitMs > 0 ? await this.outcomes.wait(id, waitMs) : undefined;
        return render(settled ?? (await this.load(id)));
      },
    });
  }

  private async load(id: string): Promise<Payment> {
    const payment = (await findPayments(this.database, [id])).get(id);
    if (payment === undefined) throw new Error('an idempotency key names a payment that does not exist');
    return payment;
  }
}

function prepare(
  request: AcceptRequest,
  feeOf: (payment: Charged) => Fee,
): { readonly payment: Payment; readonly event: NewEvent } {
  const { merchant, body } = request;
  const amountMinor = BigInt(body.amount);
  if (merchant.livemode && body.return_url?.startsWith('https:') === false) {
    throw new DomainError('request.invalid', { errors: [{ pointer: '/return_url', code: 'https_required' }] });
  }
  const charged = {
    merchantId: merchant.merchantId,
    amountMinor,
    currency: body.currency,
    method: readMethod(body.method, body.currency),
    createdAt: new Date(),
  };
  const fee = feeOf(charged);
  const payment: Payment = {
    id: newUuid(),
    livemode: merchant.livemode,
    reference: body.reference,
    customer: body.customer ?? {},
    description: body.description ?? null,
    returnUrl: body.return_url ?? null,
    metadata: body.metadata ?? {},
    platformFeeMinor: fee.feeMinor,
    feeScheduleId: fee.scheduleId,
    status: 'processing',
    nextAction: null,
    failureCode: null,
    gateway: null,
    gatewayFeeMinor: null,
    refundingMinor: 0n,
    refundedMinor: 0n,
    concludedAt: null,
    // Last, as in the store: what follows a spread is dear.
    ...charged,
  };
  const event = newEvent(
    paymentCreated,
    {
      aggregateId: payment.id,
      merchantId: merchant.merchantId,
      cause: {
        correlationId: request.correlationId,
        ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
      },
    },
    {
      payment_id: payment.id,
      livemode: payment.livemode,
      amount: body.amount,
      currency: payment.currency,
      reference: payment.reference,
      method: payment.method,
      customer: { ...payment.customer },
      description: payment.description,
      // Most payments have neither, and every event carries what it says through the whole house.
      ...(body.return_url === undefined ? {} : { return_url: body.return_url }),
      ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
    },
  );
  return { payment, event };
}

function render(payment: Payment): Rendered {
  return { final: isFinal(payment.status), resource: toResource(payment) };
}
