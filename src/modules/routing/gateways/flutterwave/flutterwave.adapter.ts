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
import { timeLeft } from '../json-calls.js';
import { notSent, withoutAnswer } from '../outcomes.js';
import { supports } from '../supports.js';
import { FlutterwaveActions } from './flutterwave.actions.js';
import { readFlutterwaveAnswer, readHostedPage, referenceIn } from './flutterwave.answers.js';
import { FlutterwaveBooks } from './flutterwave.books.js';
import { FlutterwaveCalls } from './flutterwave.calls.js';
import { FlutterwaveFloat } from './flutterwave.float.js';
import { FlutterwavePayouts } from './flutterwave.payouts.js';
import { FlutterwaveRefunds } from './flutterwave.refunds.js';
import { FLUTTERWAVE_NETWORKS, flutterwaveRequest } from './flutterwave.requests.js';
import { verifyFlutterwaveWebhook } from './flutterwave.webhook.js';

/** One address for test and live: the key decides (PROVIDERS 2.1). The version is part of every path, so it may be given or not. */
export const FLUTTERWAVE_BASE_URL = 'https://api.flutterwave.com/v3';

const capabilities: GatewayCapabilities = {
  currencies: ['NGN', 'GHS', 'XOF', 'XAF'],
  methods: ['mobile_money', 'card', 'bank_transfer', 'ussd'],
  methodCurrencies: {
    mobile_money: ['GHS', 'XOF', 'XAF'],
    card: ['NGN', 'GHS', 'XOF', 'XAF'],
    bank_transfer: ['NGN'],
    ussd: ['NGN'],
  },
  networks: FLUTTERWAVE_NETWORKS,
  // The same tx_ref can be charged twice (PROVIDERS 2.9).
  idempotentCreate: false,
  // A transaction may show up late, and one paid by transfer exists only once the customer paid: absence is never proof.
  notFoundTrustedAfterMs: null,
};

/** Flutterwave v3 (PROVIDERS 2A). It gives up on a charge after 28 s with a 503, whose outcome is unknown. */
export class FlutterwaveAdapter implements GatewayAdapter {
  readonly gateway = 'flutterwave';
  readonly capabilities = capabilities;
  readonly requiredCredentials = ['secret_key', 'webhook_secret_hash'] as const;

  readonly customerActions: FlutterwaveActions;
  readonly refunds: FlutterwaveRefunds;
  readonly payouts: FlutterwavePayouts;
  readonly books: FlutterwaveBooks;
  readonly float: FlutterwaveFloat;

  private readonly calls: FlutterwaveCalls;

  constructor(http: GatewayHttpClient) {
    this.calls = new FlutterwaveCalls(http);
    this.customerActions = new FlutterwaveActions(this.calls);
    this.refunds = new FlutterwaveRefunds(this.calls);
    this.payouts = new FlutterwavePayouts(this.calls);
    this.books = new FlutterwaveBooks(this.calls);
    this.float = new FlutterwaveFloat(this.calls);
  }

  writtenReference(reference: string): string {
    return reference;
  }

  async charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome> {
    if (!supports(capabilities, request.currency, request.method)) return notSent('unsupported_method', 'merchant');
    const wanted = flutterwaveRequest(account, request);
    if (wanted === undefined) return notSent('unsupported_method', 'merchant');
    const result = await this.calls.post(account, wanted.path, wanted.body, request.timeoutMs);
    if (result.kind !== 'answered') return withoutAnswer(result);
    return wanted.hostedPage
      ? readHostedPage(result, request.currency)
      : readFlutterwaveAnswer(result, 'charge', request.currency);
  }

  /**
   * By the numeric id where it is known, since a repeated `tx_ref` has no clear answer. The id may come from a webhook that
   * somebody forged: when it leads to another payment than ours, it is ignored and the reference is asked for.
   */
  async status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome> {
    const left = timeLeft(query.timeoutMs);
    const id = query.handles['id'];
    const reference = this.writtenReference(query.reference);
    if (id !== undefined && /^\d{1,20}$/.test(id)) {
      const byId = await this.calls.get(account, `/v3/transactions/${id}/verify`, query.timeoutMs);
      if (byId.kind !== 'answered') return withoutAnswer(byId);
      const outcome = readFlutterwaveAnswer(byId, 'status', query.currency);
      const isOther = byId.status === 200 && referenceIn(byId) !== reference;
      if (outcome.kind !== 'not_found' && !isOther) return outcome;
    }
    const path = `/v3/transactions/verify_by_reference?tx_ref=${encodeURIComponent(reference)}`;
    const result = await this.calls.get(account, path, left());
    return result.kind === 'answered' ? readFlutterwaveAnswer(result, 'status', query.currency) : withoutAnswer(result);
  }

  verifyWebhook(account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
    return verifyFlutterwaveWebhook(account, request);
  }
}
