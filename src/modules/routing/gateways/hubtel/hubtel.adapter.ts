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
import type { GatewayPayouts } from '../gateway-parts.js';
import type { GatewayHttpClient } from '../http-client.js';
import { readCalled, timeLeft } from '../json-calls.js';
import { notSent } from '../outcomes.js';
import { supports } from '../supports.js';
import { readHostedPage, readHubtelStatus, readPrompted, referenceIn } from './hubtel.answers.js';
import { callHubtel, hubtelHost, pathPart } from './hubtel.calls.js';
import { HubtelPayouts } from './hubtel.payouts.js';
import { HUBTEL_CHANNELS, hubtelRequest } from './hubtel.requests.js';
import { readHubtelCallback } from './hubtel.webhook.js';

const capabilities: GatewayCapabilities = {
  currencies: ['GHS'],
  methods: ['mobile_money', 'card'],
  methodCurrencies: { mobile_money: ['GHS'], card: ['GHS'] },
  networks: { GHS: [...HUBTEL_CHANNELS.keys()] },
  // References are to be unique; what happens to one that is not, no document says.
  idempotentCreate: false,
  // A prompt that is not found may be on its way to the handset all the same.
  notFoundTrustedAfterMs: null,
};

/** Hubtel (PROVIDERS 6). It has no sandbox, and answers addresses that it does not know with a page or not at all. */
export class HubtelAdapter implements GatewayAdapter {
  readonly gateway = 'hubtel';
  readonly capabilities = capabilities;
  readonly requiredCredentials = ['api_id', 'api_key', 'pos_sales_id'] as const;
  readonly payouts: GatewayPayouts;

  constructor(private readonly http: GatewayHttpClient) {
    this.payouts = new HubtelPayouts(http);
  }

  /** Up to 36 letters and digits are allowed: ours is written as it is. */
  writtenReference(reference: string): string {
    return reference;
  }

  async charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome> {
    if (!supports(capabilities, request.currency, request.method)) return notSent('unsupported_method', 'merchant');
    const wanted = hubtelRequest(account, request);
    if (wanted === undefined) return notSent('unsupported_method', 'merchant');
    const { base, path, body, hostedPage } = wanted;
    const called = await callHubtel(this.http, account, {
      method: 'POST',
      base,
      path,
      body,
      timeoutMs: request.timeoutMs,
    });
    return readCalled(called, hostedPage ? readHostedPage : readPrompted);
  }

  /** By our reference; by Hubtel's and the network's where ours finds nothing. One that leads to another payment is no answer. */
  async status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome> {
    const left = timeLeft(query.timeoutMs);
    const reference = this.writtenReference(query.reference);
    const ask = (name: string, value: string): ReturnType<typeof callHubtel> =>
      callHubtel(this.http, account, {
        method: 'GET',
        base: hubtelHost(account, 'status_base_url'),
        path: `/transactions/${pathPart(account, 'pos_sales_id')}/status?${name}=${encodeURIComponent(value)}`,
        timeoutMs: left(),
      });
    const outcome = readCalled(await ask('clientReference', reference), readHubtelStatus);
    if (outcome.kind !== 'not_found') return outcome;
    const others = [
      ['hubtelTransactionId', query.handles['transaction_id']],
      ['networkTransactionId', query.handles['external_transaction_id']],
    ] as const;
    for (const [name, value] of others) {
      if (value === undefined) continue;
      const called = await ask(name, value);
      if (called.kind === 'answer' && referenceIn(called.answer) === reference) return readHubtelStatus(called.answer);
    }
    return outcome;
  }

  verifyWebhook(_account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
    return readHubtelCallback(request);
  }
}
