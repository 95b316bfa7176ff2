/**
 * Takes a payment once, however often it is sent. The fast cache is asked first; then the key, the payment and its event
 * are written in one commit, shared with whoever else is being accepted at that moment. No gateway is called here.
 */
import { Injectable } from '@nestjs/common';
import { paymentCreated } from '../../contracts/payments.events.js';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import { Batcher } from '../../kernel/batching/batcher.js';
import { crashPoint } from '../../kernel/crash-points/crash-points.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { isDataError } from '../../kernel/database/sql-state.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { IdempotencyCache, type CompletedResponse, type KeyScope } from '../../kernel/idempotency/idempotency-cache.js';
import { assertSameRequest, IdempotencyKeys } from '../../kernel/idempotency/idempotency-keys.js';
import { requestFingerprint } from '../../kernel/idempotency/idempotency-key.js';
import { encodeId, newUuid } from '../../kernel/ids/ids.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { acceptAll, type Acceptance, type AcceptanceResult } from './accept.store.js';
import type { CreatePaymentDto } from './create-payment.dto.js';
import { readMethod } from './method-rules.js';
import { PaymentOutcomes } from './payment-outcomes.js';
import { isFinal, platformFee, toResource, type Payment } from './payment.js';
import { findPayments } from './payments.store.js';
import { RoutingBacklog } from './routing-backlog.js';

const ROUTE = 'POST /v1/payments';
/** Payments in one commit. Larger batches gain little (32,700/s at 256) and hold everybody up longer. */
const MAX_BATCH = 256;
/** Two flushes in flight: the next is sent while the last waits for the disk. */
const CONCURRENCY = 2;
/** About a second's worth at full speed: whoever comes later is better told to come again. */
const MAX_WAITING = 8_000;
/** A caller who waits holds the key's lease for the wait and this much longer, to write the answer down. */
const LEASE_SLACK_SECONDS = 10;
const ACCEPTED = 202;
const CREATED = 201;

export interface AcceptRequest {
  readonly merchant: MerchantPrincipal;
  readonly key: string;
  readonly body: CreatePaymentDto;
  /** 0: answer at once. */
  readonly waitMs: number;
  /** Called when all is done but the waiting. */
  readonly onWait: () => void;
  readonly correlationId: string;
  readonly traceparent: string | undefined;
}

export interface AcceptAnswer {
  readonly status: number;
  /** JSON, exactly as stored under the key. */
  readonly body: string;
  readonly replayed: boolean;
}

@Injectable()
export class AcceptPayment {
  private readonly batcher: Batcher<Acceptance, AcceptanceResult>;
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly cache: IdempotencyCache,
    private readonly keys: IdempotencyKeys,
    private readonly outcomes: PaymentOutcomes,
    private readonly backlog: RoutingBacklog,
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
  async execute(request: AcceptRequest): Promise<AcceptAnswer> {
    const scope: KeyScope = {
      merchantId: request.merchant.merchantId,
      livemode: request.merchant.livemode,
      key: request.key,
    };
    const fingerprint = requestFingerprint(ROUTE, request.body);
    const remembered = await this.cache.get(scope);
    if (remembered !== undefined) {
      assertSameRequest(remembered.fingerprint, fingerprint);
      return replay(remembered);
    }
    const acceptance = this.prepare(request, scope, fingerprint);
    this.backlog.accept(acceptance.payment.createdAt.getTime());
    const result = await this.batcher.submit(acceptance);
    switch (result.kind) {
      case 'reference_exists':
        throw new DomainError('payment.duplicate_reference', {
          members: { payment_id: encodeId('payment', result.paymentId) },
        });
      case 'key_exists':
        return this.answerExisting(request, scope, fingerprint, result.key);
      case 'accepted':
        if (acceptance.response === undefined)
          return this.answerWhenSettled(request, scope, fingerprint, acceptance.payment, result.fence, false);
        this.cache.put(scope, acceptance.response);
        return { status: acceptance.response.status, body: acceptance.response.body, replayed: false };
    }
  }

  private prepare(request: AcceptRequest, scope: KeyScope, fingerprint: Buffer): Acceptance {
    const { merchant, body, waitMs } = request;
    const amountMinor = BigInt(body.amount);
    const payment: Payment = {
      id: newUuid(),
      merchantId: merchant.merchantId,
      livemode: merchant.livemode,
      reference: body.reference,
      amountMinor,
      currency: body.currency,
      method: readMethod(body.method, body.currency),
      customer: body.customer ?? {},
      description: body.description ?? null,
      metadata: body.metadata ?? {},
      platformFeeMinor: platformFee(amountMinor, merchant.platformFeeBps),
      status: 'processing',
      nextAction: null,
      failureCode: null,
      gateway: null,
      gatewayFeeMinor: null,
      createdAt: new Date(),
      concludedAt: null,
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
        // Most payments have none, and every event carries what it says through the whole house.
        ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
      },
    );
    return {
      scope,
      route: ROUTE,
      fingerprint,
      payment,
      correlationId: request.correlationId,
      event,
      response: waitMs > 0 ? undefined : { fingerprint, ...render(payment) },
      leaseSeconds: waitMs / 1_000 + LEASE_SLACK_SECONDS,
    };
  }

  private async answerExisting(
    request: AcceptRequest,
    scope: KeyScope,
    fingerprint: Buffer,
    row: Parameters<IdempotencyKeys['judge']>[0],
  ): Promise<AcceptAnswer> {
    const state = this.keys.judge(row, fingerprint);
    if (state.kind === 'completed') {
      this.cache.put(scope, state.response);
      return replay(state.response);
    }
    // Whoever accepted it died while waiting. The payment exists; only the answer is missing.
    const leaseSeconds = request.waitMs / 1_000 + LEASE_SLACK_SECONDS;
    const fence = await this.keys.takeOver(this.database, scope, state.fence, leaseSeconds);
    return this.answerWhenSettled(request, scope, fingerprint, await this.load(state.resourceId), fence, true);
  }

  private async answerWhenSettled(
    request: AcceptRequest,
    scope: KeyScope,
    fingerprint: Buffer,
    payment: Payment,
    fence: bigint,
    replayed: boolean,
  ): Promise<AcceptAnswer> {
    if (request.waitMs > 0) request.onWait();
    const settled = request.waitMs > 0 ? await this.outcomes.wait(payment.id, request.waitMs) : undefined;
    const response: CompletedResponse = { fingerprint, ...render(settled ?? (await this.load(payment.id))) };
    crashPoint('payments.before_key_answer');
    if (!(await this.keys.complete(this.database, scope, fence, response)))
      throw new DomainError('idempotency.key_in_use', { retryAfterSeconds: 1 });
    crashPoint('payments.after_key_answer');
    this.cache.put(scope, response);
    return { status: response.status, body: response.body, replayed };
  }

  private async load(id: string): Promise<Payment> {
    const payment = (await findPayments(this.database, [id])).get(id);
    if (payment === undefined) throw new Error('an idempotency key names a payment that does not exist');
    return payment;
  }
}

function render(payment: Payment): { status: number; body: string } {
  return { status: isFinal(payment.status) ? CREATED : ACCEPTED, body: JSON.stringify(toResource(payment)) };
}

function replay(response: CompletedResponse): AcceptAnswer {
  return { status: response.status, body: response.body, replayed: true };
}
