/** A scripted gateway that gives back and pays out as well. */
import { randomUUID } from 'node:crypto';
import { payoutFunded, refundFunded } from '../../../src/contracts/payments.events.js';
import type { PayoutDestination } from '../../../src/contracts/shared.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import type {
  GatewayFloat,
  GatewayPayouts,
  GatewayRefunds,
  MoneyOutOutcome,
  PayoutQuery,
  PayoutRequest,
  RefundQuery,
  RefundRequest,
} from '../../../src/modules/routing/gateways/gateway-parts.js';
import { eventually } from '../../support/eventually.js';
import { MERCHANT, type AttemptRow, type Harness } from './harness.js';
import { ScriptedGateway, succeeded } from './scripted-gateway.js';

type Answer<Request> = (request: Request) => MoneyOutOutcome | Promise<MoneyOutOutcome>;
type Promises = Pick<GatewayPayouts, 'idempotent' | 'notFoundTrustedAfterMs' | 'returns'>;

export const returned = (): MoneyOutOutcome => ({ kind: 'returned', code: 'reversed', handles: {} });
export const shortOfFloat = (): MoneyOutOutcome => ({
  kind: 'not_sent',
  code: 'insufficient_float',
  blame: 'merchant',
});

export class PayingGateway extends ScriptedGateway {
  readonly payoutRequests: PayoutRequest[] = [];
  readonly payoutQueries: PayoutQuery[] = [];
  readonly refundRequests: RefundRequest[] = [];
  readonly refundQueries: RefundQuery[] = [];
  onPayout: Answer<PayoutRequest> = (request) => succeeded(request);
  onPayoutStatus: Answer<PayoutQuery> = (query) => this.declines.get(query.reference) ?? succeeded(query);
  onRefund: Answer<RefundRequest> = (request) => succeeded(request);
  onRefundStatus: Answer<RefundQuery> = (query) => this.declines.get(query.reference) ?? succeeded(query);
  /** What it has declined it says to have declined, whenever it is asked: on a busy machine that is before anybody has looked. */
  private readonly declines = new Map<string, MoneyOutOutcome>();
  /** GHS; undefined: the question fails. */
  floatMinor: bigint | undefined = 1_000_000n;
  readonly payouts: GatewayPayouts;
  readonly refunds: GatewayRefunds;
  readonly float: GatewayFloat;

  constructor(gateway: string, promises: Partial<Promises> & { readonly partial?: boolean } = {}) {
    super(gateway);
    const { idempotent = false, notFoundTrustedAfterMs = null, returns = false, partial = true } = promises;
    const writtenReference = (reference: string): string => `o-${reference}`;
    this.payouts = {
      destinationCurrencies: { mobile_money: ['GHS'], bank_account: ['GHS'] },
      networks: { GHS: ['mtn'] },
      idempotent,
      notFoundTrustedAfterMs,
      returns,
      requiredCredentials: [],
      writtenReference,
      payout: async (_, request) => {
        this.payoutRequests.push(request);
        return this.remembered(request, await this.onPayout(request));
      },
      status: async (_, query) => {
        this.payoutQueries.push(query);
        return this.onPayoutStatus(query);
      },
    };
    this.refunds = {
      partial,
      idempotent,
      notFoundTrustedAfterMs,
      writtenReference,
      refund: async (_, request) => {
        this.refundRequests.push(request);
        return this.remembered(request, await this.onRefund(request));
      },
      status: async (_, query) => {
        this.refundQueries.push(query);
        return this.onRefundStatus(query);
      },
    };
    this.float = {
      balances: async () =>
        this.floatMinor === undefined
          ? { kind: 'failed', code: 'http_503' }
          : { kind: 'balances', balances: [{ currency: 'GHS', availableMinor: this.floatMinor }] },
    };
  }

  private remembered({ reference }: PayoutRequest | RefundRequest, outcome: MoneyOutOutcome): MoneyOutOutcome {
    if (outcome.kind === 'declined') this.declines.set(reference, outcome);
    return outcome;
  }
}

const WALLET: PayoutDestination = { type: 'mobile_money', network: 'mtn', phone: '+233241234567', name: 'Ama Mensah' };

const event = (type: string, aggregateType: string, payload: Record<string, unknown>): StoredEvent => ({
  id: newUuid(),
  type,
  aggregateType,
  aggregateId: 'unused',
  merchantId: MERCHANT,
  payload,
  headers: { correlation_id: 'req_test' },
  createdAt: new Date(),
});

export function payoutOf(change: { amount?: number; destination?: PayoutDestination } = {}): StoredEvent {
  return event(payoutFunded.type, 'payout', {
    payout_id: newUuid(),
    livemode: false,
    amount: change.amount ?? 1_000,
    currency: 'GHS',
    reference: randomUUID(),
    destination: change.destination ?? WALLET,
    narration: null,
    metadata: {},
  });
}

export function refundOf(captured: AttemptRow, change: { amount?: number } = {}): StoredEvent {
  return event(refundFunded.type, 'refund', {
    refund_id: newUuid(),
    payment_id: captured.payment_id,
    livemode: false,
    amount: change.amount ?? 1_500,
    currency: 'GHS',
    source: 'merchant',
    captured_by: captured.id,
    reason: 'Out of stock',
  });
}

export const idOf = ({ payload }: StoredEvent): string =>
  String((payload as Record<string, unknown>)['payout_id'] ?? (payload as Record<string, unknown>)['refund_id']);

/** Routes one payout. */
export async function payOut(harness: Harness, change: Parameters<typeof payoutOf>[0] = {}): Promise<string> {
  const funded = payoutOf(change);
  await harness.handle([funded]);
  return idOf(funded);
}

/** A payment that was captured, for refunds to give back. */
export async function captured(harness: Harness): Promise<AttemptRow> {
  const payment = await harness.pay();
  return eventually(async () => {
    const attempt = (await harness.attempts(payment)).find((each) => each.status === 'succeeded');
    if (attempt === undefined) throw new Error('not captured yet');
    return attempt;
  });
}

/** Names of what was announced, without the module and version. */
export async function told(harness: Harness, id: string): Promise<string[]> {
  return (await harness.events(id)).map(({ type }) => type.replace(/^routing\.(.*)\.v1$/, '$1'));
}

/** The same without how attempts stood on the way. */
export async function ends(harness: Harness, id: string): Promise<string[]> {
  return (await told(harness, id)).filter((name) => name !== 'disbursement_attempted');
}
