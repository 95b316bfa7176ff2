import { exponentOf, toDecimal, type Currency } from '../../../../kernel/money/money.js';
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
import type { GatewayHttpClient, HttpAnswer } from '../http-client.js';
import { joinUrl } from '../join-url.js';
import { notSent, withoutAnswer } from '../outcomes.js';
import { asUuidV4 } from '../references.js';
import { supports } from '../supports.js';
import { readCreated, readRequestToPay } from './mtn-momo.answers.js';
import { MtnTokens } from './mtn-momo.tokens.js';
import { readMtnCallback } from './mtn-momo.webhook.js';

/** Production; the sandbox is https://sandbox.momodeveloper.mtn.com (PROVIDERS 3.1). */
export const MTN_MOMO_BASE_URL = 'https://proxy.momoapi.mtn.com';

/** MTN shows messages on a handset and cuts or refuses longer ones. */
const MAX_MESSAGE_LENGTH = 160;

const capabilities: GatewayCapabilities = {
  currencies: ['GHS', 'XOF', 'XAF', 'GNF'],
  methods: ['mobile_money'],
  methodCurrencies: { mobile_money: ['GHS', 'XOF', 'XAF', 'GNF'] },
  networks: { GHS: ['mtn'], XOF: ['mtn'], XAF: ['mtn'], GNF: ['mtn'] },
  idempotentCreate: true,
  // Every charge is a push to a handset, where a 404 is no proof that none was sent.
  notFoundTrustedAfterMs: null,
};

/** The one currency of each target environment in our markets (PROVIDERS 3.2, 3.8): a wallet in Ghana takes no francs. */
const currencyOfEnvironment: ReadonlyMap<string, Currency> = new Map<string, Currency>([
  ['mtnghana', 'GHS'],
  ['mtnivorycoast', 'XOF'],
  ['mtnbenin', 'XOF'],
  ['mtncameroon', 'XAF'],
  ['mtncongo', 'XAF'],
  ['mtnguineaconakry', 'GNF'],
]);

type Called =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | { readonly kind: 'outcome'; readonly outcome: GatewayOutcome };

/** MTN MoMo Open API, collection product (PROVIDERS 3). */
export class MtnMomoAdapter implements GatewayAdapter {
  readonly gateway = 'mtn_momo';
  readonly capabilities = capabilities;
  readonly requiredCredentials = ['api_user', 'api_key', 'subscription_key', 'target_environment'] as const;

  private readonly tokens: MtnTokens;

  constructor(private readonly http: GatewayHttpClient) {
    this.tokens = new MtnTokens(http);
  }

  /** `X-Reference-Id` has to be a UUIDv4, which ours is not. */
  writtenReference(reference: string): string {
    return asUuidV4(reference);
  }

  async charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome> {
    const { method, currency, reference } = request;
    if (method.type !== 'mobile_money' || !supports(capabilities, currency, method))
      return notSent('unsupported_method', 'merchant');
    const taken = currencyOfEnvironment.get(account.credentials['target_environment'] ?? '');
    if (taken !== undefined && taken !== currency) return notSent('unsupported_currency', 'merchant');
    const message = messageOf(request);
    const body = JSON.stringify({
      amount: toDecimal(request.amountMinor, exponentOf(currency)),
      currency,
      externalId: reference,
      payer: { partyIdType: 'MSISDN', partyId: msisdn(method.phone) },
      payerMessage: message,
      payeeNote: message,
    });
    const called = await this.call(account, request.timeoutMs, {
      method: 'POST',
      path: '/collection/v1_0/requesttopay',
      headers: { 'x-reference-id': this.writtenReference(reference), ...callbackHeader(account, request.callbackUrl) },
      body,
    });
    return called.kind === 'outcome' ? called.outcome : readCreated(called.answer);
  }

  async status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome> {
    const path = `/collection/v1_0/requesttopay/${this.writtenReference(query.reference)}`;
    const called = await this.call(account, query.timeoutMs, { method: 'GET', path, headers: {} });
    return called.kind === 'outcome' ? called.outcome : readRequestToPay(called.answer, query.currency);
  }

  verifyWebhook(_account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
    return readMtnCallback(request);
  }

  /** One call with a token. A 401 means that nothing was done: it is repeated once with a fresh token, as tokens can be revoked before their time. */
  private async call(
    account: GatewayAccount,
    timeoutMs: number,
    request: { method: 'GET' | 'POST'; path: string; headers: Readonly<Record<string, string>>; body?: string },
  ): Promise<Called> {
    const url = joinUrl(account.baseUrl, request.path);
    if (url === undefined) return { kind: 'outcome', outcome: notSent('invalid_base_url', 'merchant') };
    const deadline = performance.now() + timeoutMs;
    for (let isRepeat = false; ; isRepeat = true) {
      const token = await this.tokens.of(account, Math.max(1, deadline - performance.now()));
      if (token.kind === 'none') return { kind: 'outcome', outcome: token.outcome };
      const result = await this.http.send({
        accountId: account.id,
        lane: request.method === 'POST' ? 'charge' : 'question',
        method: request.method,
        url,
        headers: {
          authorization: `Bearer ${token.token}`,
          'ocp-apim-subscription-key': account.credentials['subscription_key'] ?? '',
          'x-target-environment': account.credentials['target_environment'] ?? '',
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        timeoutMs: Math.max(1, deadline - performance.now()),
      });
      if (result.kind !== 'answered') return { kind: 'outcome', outcome: withoutAnswer(result) };
      if (result.status !== 401) return { kind: 'answer', answer: result };
      this.tokens.refused(account, token.token);
      if (isRepeat) return { kind: 'answer', answer: result };
    }
  }
}

/** An empty or refused callback address costs the whole request (PROVIDERS 3.14), so it is only sent where it can be right: production takes https alone. */
function callbackHeader(account: GatewayAccount, callbackUrl: string): Record<string, string> {
  const canBeRight = account.livemode ? callbackUrl.startsWith('https://') : /^https?:\/\//.test(callbackUrl);
  return canBeRight ? { 'x-callback-url': callbackUrl } : {};
}

function messageOf(request: ChargeRequest): string {
  return (request.description ?? 'Payment').slice(0, MAX_MESSAGE_LENGTH);
}
