import { AccessTokens, basicAuthorization, oauthTokenAnswer } from '../access-tokens.js';
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
import { callWithToken, readCalled } from '../json-calls.js';
import { notSent, unknown } from '../outcomes.js';
import { supports } from '../supports.js';
import { orangeToken, readCreated, readOrangeStatus } from './orange-money.answers.js';
import { ORANGE_NO_TOKEN } from './orange-money.codes.js';
import { asOrderId } from './orange-money.references.js';
import { orangePath, refusedCurrency, transactionStatus, webPayment } from './orange-money.requests.js';
import { readOrangeNotice } from './orange-money.webhook.js';

/** Production and sandbox alike: the country in the path decides (PROVIDERS 7.1). */
export const ORANGE_MONEY_BASE_URL = 'https://api.orange.com';

const capabilities: GatewayCapabilities = {
  currencies: ['XOF', 'XAF', 'GNF'],
  methods: ['mobile_money'],
  methodCurrencies: { mobile_money: ['XOF', 'XAF', 'GNF'] },
  networks: { XOF: ['orange'], XAF: ['orange'], GNF: ['orange'] },
  // That a used order_id is refused is known from memory only: not enough to send one twice.
  idempotentCreate: false,
  // It never says that it does not know a payment: without its token one cannot even ask.
  notFoundTrustedAfterMs: null,
};

/** Orange Money Web Payment (PROVIDERS 7). It collects, and does nothing else. */
export class OrangeMoneyAdapter implements GatewayAdapter {
  readonly gateway = 'orange_money';
  readonly capabilities = capabilities;
  readonly requiredCredentials = ['client_id', 'client_secret', 'merchant_key', 'country'] as const;

  private readonly tokens: AccessTokens;

  constructor(private readonly http: GatewayHttpClient) {
    this.tokens = new AccessTokens(http, {
      path: '/oauth/v3/token',
      answer: oauthTokenAnswer,
      credentials: ['client_id', 'client_secret'],
      headers: ({ credentials }) => ({
        authorization: basicAuthorization(credentials['client_id'], credentials['client_secret']),
        'content-type': 'application/x-www-form-urlencoded',
      }),
      body: 'grant_type=client_credentials',
    });
  }

  /** At most 30 characters are taken: see `asOrderId`. */
  writtenReference(reference: string): string {
    return asOrderId(reference);
  }

  async charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome> {
    if (!supports(capabilities, request.currency, request.method)) return notSent('unsupported_method', 'merchant');
    const refused = refusedCurrency(account, request.currency);
    if (refused !== undefined) return notSent(refused, 'merchant');
    const called = await callWithToken(this.http, this.tokens, account, {
      method: 'POST',
      path: orangePath(account, 'webpayment'),
      body: webPayment(account, request),
      timeoutMs: request.timeoutMs,
    });
    return readCalled(called, readCreated);
  }

  async status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome> {
    const token = orangeToken.safeParse(query.handles['pay_token']);
    if (!token.success) return unknown(ORANGE_NO_TOKEN);
    const called = await callWithToken(this.http, this.tokens, account, {
      method: 'POST',
      // A question, though it is posted.
      lane: 'question',
      path: orangePath(account, 'transactionstatus'),
      body: transactionStatus(query.reference, query.amountMinor, token.data),
      timeoutMs: query.timeoutMs,
    });
    const { amountMinor, currency } = query;
    return readCalled(called, (answer) => readOrangeStatus(answer, { amountMinor, currency }));
  }

  verifyWebhook(_account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
    return readOrangeNotice(request);
  }
}
