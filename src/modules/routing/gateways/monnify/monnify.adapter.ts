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
import type { GatewayBooks, GatewayFloat, GatewayPayouts, GatewayRefunds } from '../gateway-parts.js';
import type { GatewayHttpClient } from '../http-client.js';
import { readCalled, timeLeft } from '../json-calls.js';
import { notSent } from '../outcomes.js';
import { supports } from '../supports.js';
import { accountIn, readCreated, readMonnifyStatus, referenceIn, transactionReference } from './monnify.answers.js';
import { MonnifyBooks } from './monnify.books.js';
import { MonnifyCalls } from './monnify.calls.js';
import { MonnifyFloat } from './monnify.float.js';
import { MonnifyPayouts } from './monnify.payouts.js';
import { MonnifyRefunds } from './monnify.refunds.js';
import { monnifyRequest } from './monnify.requests.js';
import { verifyMonnifyWebhook } from './monnify.webhook.js';

/** Production; the sandbox is https://sandbox.monnify.com (PROVIDERS 4.1). */
export const MONNIFY_BASE_URL = 'https://api.monnify.com';

const capabilities: GatewayCapabilities = {
  currencies: ['NGN'],
  methods: ['card', 'bank_transfer'],
  methodCurrencies: { card: ['NGN'], bank_transfer: ['NGN'] },
  networks: {},
  // A paymentReference is taken once (PROVIDERS 4.9).
  idempotentCreate: true,
  // How it says that it does not know a reference is not documented, and a transfer may land late.
  notFoundTrustedAfterMs: null,
};

/** Monnify (PROVIDERS 4). */
export class MonnifyAdapter implements GatewayAdapter {
  readonly gateway = 'monnify';
  readonly capabilities = capabilities;
  readonly requiredCredentials = ['api_key', 'secret_key', 'contract_code'] as const;
  readonly refunds: GatewayRefunds;
  readonly payouts: GatewayPayouts;
  readonly books: GatewayBooks;
  readonly float: GatewayFloat;

  private readonly calls: MonnifyCalls;

  constructor(http: GatewayHttpClient) {
    this.calls = new MonnifyCalls(http);
    this.refunds = new MonnifyRefunds(this.calls);
    this.payouts = new MonnifyPayouts(this.calls);
    this.books = new MonnifyBooks(this.calls);
    this.float = new MonnifyFloat(this.calls);
  }

  writtenReference(reference: string): string {
    return reference;
  }

  /**
   * A transfer takes two calls: the transaction, then the account for it. When the second one fails, however, the transaction is there
   * and nobody was charged: the customer is sent to its page, which shows the account.
   */
  async charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome> {
    if (!supports(capabilities, request.currency, request.method)) return notSent('unsupported_method', 'merchant');
    const wanted = monnifyRequest(account, request);
    if (wanted === undefined) return notSent('unsupported_method', 'merchant');
    const left = timeLeft(request.timeoutMs);
    const created = readCalled(
      await this.calls.call(account, {
        method: 'POST',
        path: '/api/v1/merchant/transactions/init-transaction',
        body: wanted.body,
        timeoutMs: left(),
      }),
      readCreated,
    );
    if (created.kind !== 'pending' || !wanted.intoAccount) return created;
    const called = await this.calls.call(account, {
      method: 'POST',
      path: '/api/v1/merchant/bank-transfer/init-payment',
      body: JSON.stringify({ transactionReference: created.handles['transaction_reference'] }),
      timeoutMs: left(),
    });
    const nextAction = called.kind === 'answer' ? accountIn(called.answer) : undefined;
    return nextAction === undefined ? created : { ...created, code: 'PENDING', nextAction };
  }

  /** By our reference; by Monnify's where ours finds nothing and it is known. One that leads to another payment is no answer. */
  async status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome> {
    const left = timeLeft(query.timeoutMs);
    const reference = this.writtenReference(query.reference);
    const path = `/api/v2/merchant/transactions/query?paymentReference=${encodeURIComponent(reference)}`;
    const byReference = await this.calls.call(account, { method: 'GET', path, timeoutMs: left() });
    const outcome = readCalled(byReference, (answer) => readMonnifyStatus(answer, query));
    const handle = transactionReference.parse(query.handles['transaction_reference']);
    if (outcome.kind !== 'not_found' || handle === undefined) return outcome;
    const byHandle = await this.calls.call(account, {
      method: 'GET',
      path: `/api/v2/transactions/${encodeURIComponent(handle)}`,
      timeoutMs: left(),
    });
    if (byHandle.kind === 'answer' && byHandle.answer.status === 200 && referenceIn(byHandle.answer) !== reference)
      return outcome;
    return readCalled(byHandle, (answer) => readMonnifyStatus(answer, query));
  }

  verifyWebhook(account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
    return verifyMonnifyWebhook(account, request);
  }
}
