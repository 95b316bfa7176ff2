import type {
  ChargeRequest,
  GatewayAccount,
  GatewayAdapter,
  GatewayCapabilities,
  GatewayOutcome,
  StatusQuery,
  WebhookRequest,
  WebhookVerdict,
} from '../gateway-adapter.js';
import type { GatewayHttpClient } from '../http-client.js';
import { notSent, withoutAnswer } from '../outcomes.js';
import { supports } from '../supports.js';
import { PaystackActions } from './paystack.actions.js';
import { readHostedPage, readPaystackAnswer } from './paystack.answers.js';
import { PaystackBooks } from './paystack.books.js';
import { PaystackCalls } from './paystack.calls.js';
import { PaystackFloat } from './paystack.float.js';
import { PaystackPayouts } from './paystack.payouts.js';
import { PaystackRefunds } from './paystack.refunds.js';
import { PAYSTACK_NETWORKS, paystackRequest } from './paystack.requests.js';
import { verifyPaystackWebhook } from './paystack.webhook.js';

/** One host for test and live: the key decides (PROVIDERS 1.1). */
export const PAYSTACK_BASE_URL = 'https://api.paystack.co';

/** A charge is recorded when it arrives; what has not shown up a quarter of an hour later, long after any of our requests could still be on its way, will not come. */
const NOT_FOUND_TRUSTED_AFTER_MS = 900_000;

const capabilities: GatewayCapabilities = {
  currencies: ['NGN', 'GHS', 'XOF'],
  methods: ['mobile_money', 'card', 'bank_transfer', 'ussd'],
  methodCurrencies: {
    mobile_money: ['GHS', 'XOF'],
    card: ['NGN', 'GHS', 'XOF'],
    bank_transfer: ['NGN'],
    ussd: ['NGN'],
  },
  networks: PAYSTACK_NETWORKS,
  idempotentCreate: true,
  notFoundTrustedAfterMs: NOT_FOUND_TRUSTED_AFTER_MS,
};

/** Paystack (PROVIDERS 1). The reference is the idempotency key: a repeat is refused, never replayed. */
export class PaystackAdapter implements GatewayAdapter {
  readonly gateway = 'paystack';
  readonly capabilities = capabilities;
  readonly requiredCredentials = ['secret_key'] as const;

  readonly customerActions: PaystackActions;
  readonly refunds: PaystackRefunds;
  readonly payouts: PaystackPayouts;
  readonly books: PaystackBooks;
  readonly float: PaystackFloat;

  private readonly calls: PaystackCalls;

  constructor(http: GatewayHttpClient) {
    this.calls = new PaystackCalls(http);
    this.customerActions = new PaystackActions(this.calls);
    this.refunds = new PaystackRefunds(this.calls);
    this.payouts = new PaystackPayouts(this.calls);
    this.books = new PaystackBooks(this.calls);
    this.float = new PaystackFloat(this.calls);
  }

  /** Letters, digits, `-`, `.` and `=` are allowed: ours is written as it is. */
  writtenReference(reference: string): string {
    return reference;
  }

  async charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome> {
    if (!supports(capabilities, request.currency, request.method)) return notSent('unsupported_method', 'merchant');
    const wanted = paystackRequest(account, request);
    if (wanted === undefined) return notSent('unsupported_method', 'merchant');
    const result = await this.calls.post(account, wanted.path, wanted.body, request.timeoutMs);
    if (result.kind !== 'answered') return withoutAnswer(result);
    return wanted.hostedPage
      ? readHostedPage(result, request.currency)
      : readPaystackAnswer(result, 'charge', request.currency);
  }

  async status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome> {
    const path = `/transaction/verify/${encodeURIComponent(this.writtenReference(query.reference))}`;
    const result = await this.calls.get(account, path, query.timeoutMs);
    return result.kind === 'answered' ? readPaystackAnswer(result, 'status', query.currency) : withoutAnswer(result);
  }

  verifyWebhook(account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
    return verifyPaystackWebhook(account, request);
  }
}
