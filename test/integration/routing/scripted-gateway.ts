/** A gateway whose answers a test writes, with books of its own: what it was asked to charge, and how often. */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ChargeRequest,
  GatewayAccount,
  GatewayAdapter,
  GatewayCapabilities,
  GatewayOutcome,
  StatusQuery,
  WebhookRequest,
  WebhookVerdict,
} from '../../../src/modules/routing/gateways/gateway-adapter.js';

import type { CustomerActionRequest, CustomerActions } from '../../../src/modules/routing/gateways/gateway-parts.js';

/** What a gateway said is in the database by then, on a busy machine too. */
const NOTED_AFTER_MS = 700;
/** One that takes longer hangs, and is asked about meanwhile. */
const LONGEST_CHARGE_MS = 2_000;

type Answer<Request> = (request: Request, account: GatewayAccount) => GatewayOutcome | Promise<GatewayOutcome>;

export const pending = (): GatewayOutcome => ({ kind: 'pending', code: 'pending', nextAction: null, handles: {} });
/** Waits for the customer to type something. */
export const asksFor = (entry: 'otp' | 'pin' | 'phone' | 'birthday', message = 'Type it'): GatewayOutcome => ({
  kind: 'pending',
  code: `send_${entry}`,
  nextAction: { type: `enter_${entry}`, message },
  handles: {},
});
export const unknown = (code = 'timeout'): GatewayOutcome => ({ kind: 'unknown', code });
export const notFound = (): GatewayOutcome => ({ kind: 'not_found', code: 'not_found' });
export const notSent = (code = 'ECONNREFUSED'): GatewayOutcome => ({ kind: 'not_sent', code, blame: 'gateway' });
export const declined = (
  retryable = true,
  code = retryable ? 'issuer_down' : 'insufficient_funds',
): GatewayOutcome => ({
  kind: 'declined',
  code,
  blame: retryable ? 'gateway' : 'customer',
  retryable,
  handles: {},
});
export const succeeded = (
  request: Pick<ChargeRequest | StatusQuery, 'reference' | 'amountMinor' | 'currency'>,
  change: Partial<Extract<GatewayOutcome, { kind: 'succeeded' }>> = {},
): GatewayOutcome => ({
  kind: 'succeeded',
  code: 'success',
  reference: request.reference,
  amountMinor: request.amountMinor,
  currency: request.currency,
  feeMinor: 10n,
  handles: {},
  ...change,
});

export class ScriptedGateway implements GatewayAdapter {
  readonly requiredCredentials = ['secret'];
  readonly capabilities: GatewayCapabilities;
  readonly charges: ChargeRequest[] = [];
  readonly queries: StatusQuery[] = [];
  /** By reference. */
  private readonly noted = new Map<string, Promise<void>>();
  onCharge: Answer<ChargeRequest> = (request) => succeeded(request);
  /** Says nothing else than a charge before what was said of the charge can have been noted: a check may come first, on a busy machine. */
  onStatus: Answer<StatusQuery> = async (request) => {
    await this.noted.get(request.reference);
    return succeeded(request);
  };
  /** What customers typed. */
  readonly entries: CustomerActionRequest[] = [];
  onAction: Answer<CustomerActionRequest> = () => pending();
  readonly customerActions: CustomerActions = {
    types: ['otp', 'pin', 'phone', 'birthday'],
    submit: async (account, request) => {
      this.entries.push(request);
      return this.onAction(request, account);
    },
  };

  constructor(
    readonly gateway: string,
    capabilities: Partial<GatewayCapabilities> = {},
  ) {
    this.capabilities = {
      currencies: ['GHS', 'XOF'],
      methods: ['mobile_money', 'card'],
      methodCurrencies: { mobile_money: ['GHS', 'XOF'], card: ['GHS'] },
      networks: { GHS: ['mtn'], XOF: ['mtn'] },
      idempotentCreate: false,
      notFoundTrustedAfterMs: null,
      ...capabilities,
    };
  }

  writtenReference(reference: string): string {
    return `w-${reference}`;
  }

  async charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome> {
    this.charges.push(request);
    const answer = Promise.resolve(this.onCharge(request, account));
    const note = (): Promise<void> => sleep(NOTED_AFTER_MS, undefined, { ref: false });
    this.noted.set(
      request.reference,
      Promise.race([answer.then(note, note), sleep(LONGEST_CHARGE_MS, undefined, { ref: false })]),
    );
    return answer;
  }

  async status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome> {
    this.queries.push(query);
    return this.onStatus(query, account);
  }

  /** Signed with the account's secret in a header. The body says what it is about. */
  verifyWebhook(account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
    if (request.headers['x-signature'] !== account.credentials['secret']) return { grade: 'rejected' };
    const body = JSON.parse(request.rawBody.toString()) as {
      reference?: string;
      id: string;
      event?: string;
      about?: 'refund' | 'payout';
      handles?: Record<string, string>;
      unrecognised?: boolean;
    };
    if (body.unrecognised === true) return { grade: 'authenticated', hint: null };
    return {
      grade: 'authenticated',
      hint: {
        ...(body.reference === undefined ? {} : { reference: body.reference }),
        ...(body.about === undefined ? {} : { about: body.about }),
        handles: body.handles ?? {},
        dedupeKey: body.id,
        eventType: body.event ?? 'charge.success',
      },
    };
  }
}
