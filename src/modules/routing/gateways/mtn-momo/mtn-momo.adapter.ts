import { exponentOf, toDecimal } from '../../../../kernel/money/money.js';
import { msisdn } from '../customers.js';
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
import { readCalled } from '../json-calls.js';
import { notSent } from '../outcomes.js';
import { asUuidV4 } from '../references.js';
import { supports } from '../supports.js';
import { readCreated, readRequestToPay } from './mtn-momo.answers.js';
import { callbackHeader, MtnCalls } from './mtn-momo.calls.js';
import { MtnFloat } from './mtn-momo.float.js';
import { MtnPayouts } from './mtn-momo.payouts.js';
import { messageFor, takesCurrency } from './mtn-momo.products.js';
import { MtnRefunds } from './mtn-momo.refunds.js';
import { readMtnCallback } from './mtn-momo.webhook.js';

/** Production; the sandbox is https://sandbox.momodeveloper.mtn.com (PROVIDERS 3.1). */
export const MTN_MOMO_BASE_URL = 'https://proxy.momoapi.mtn.com';

const capabilities: GatewayCapabilities = {
  currencies: ['GHS', 'XOF', 'XAF', 'GNF'],
  methods: ['mobile_money'],
  methodCurrencies: { mobile_money: ['GHS', 'XOF', 'XAF', 'GNF'] },
  networks: { GHS: ['mtn'], XOF: ['mtn'], XAF: ['mtn'], GNF: ['mtn'] },
  idempotentCreate: true,
  // Every charge is a push to a handset, where a 404 is no proof that none was sent.
  notFoundTrustedAfterMs: null,
};

/** MTN MoMo Open API (PROVIDERS 3). It keeps no books that can be asked for, and asks customers for nothing that we hand on. */
export class MtnMomoAdapter implements GatewayAdapter {
  readonly gateway = 'mtn_momo';
  readonly capabilities = capabilities;
  readonly requiredCredentials = ['api_user', 'api_key', 'subscription_key', 'target_environment'] as const;

  readonly refunds: MtnRefunds;
  readonly payouts: MtnPayouts;
  readonly float: MtnFloat;

  private readonly calls: MtnCalls;

  constructor(http: GatewayHttpClient) {
    this.calls = new MtnCalls(http);
    this.refunds = new MtnRefunds(this.calls);
    this.payouts = new MtnPayouts(this.calls);
    this.float = new MtnFloat(this.calls);
  }

  /** `X-Reference-Id` has to be a UUIDv4, which ours is not. */
  writtenReference(reference: string): string {
    return asUuidV4(reference);
  }

  async charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome> {
    const { method, currency, reference } = request;
    if (method.type !== 'mobile_money' || !supports(capabilities, currency, method))
      return notSent('unsupported_method', 'merchant');
    if (!takesCurrency(account, currency)) return notSent('unsupported_currency', 'merchant');
    const message = messageFor(request.description, 'Payment');
    const body = JSON.stringify({
      amount: toDecimal(request.amountMinor, exponentOf(currency)),
      currency,
      externalId: reference,
      payer: { partyIdType: 'MSISDN', partyId: msisdn(method.phone) },
      payerMessage: message,
      payeeNote: message,
    });
    const called = await this.calls.call(account, 'collection', {
      method: 'POST',
      path: '/collection/v1_0/requesttopay',
      headers: { 'x-reference-id': this.writtenReference(reference), ...callbackHeader(account, request.callbackUrl) },
      body,
      timeoutMs: request.timeoutMs,
    });
    return readCalled(called, readCreated);
  }

  async status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome> {
    const path = `/collection/v1_0/requesttopay/${this.writtenReference(query.reference)}`;
    const called = await this.calls.call(account, 'collection', { method: 'GET', path, timeoutMs: query.timeoutMs });
    return readCalled(called, (answer) => readRequestToPay(answer, query.currency));
  }

  verifyWebhook(_account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
    return readMtnCallback(request);
  }
}
