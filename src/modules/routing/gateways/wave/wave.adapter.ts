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
import { readSession, readSessionById, readSessions, referenceIn, waveId } from './wave.answers.js';
import { WaveBooks } from './wave.books.js';
import { callWave } from './wave.calls.js';
import { WaveFloat } from './wave.float.js';
import { WavePayouts } from './wave.payouts.js';
import { WaveRefunds } from './wave.refunds.js';
import { waveSession } from './wave.requests.js';
import { verifyWaveWebhook } from './wave.webhook.js';

/** Production; there is no sandbox (PROVIDERS 8.1). */
export const WAVE_BASE_URL = 'https://api.wave.com';

const capabilities: GatewayCapabilities = {
  currencies: ['XOF'],
  methods: ['mobile_money'],
  methodCurrencies: { mobile_money: ['XOF'] },
  networks: { XOF: ['wave'] },
  // Two sessions may have the same client_reference, and both can be paid (PROVIDERS 8.9).
  idempotentCreate: false,
  // A session that was made without our knowing it can be found and paid until it expires.
  notFoundTrustedAfterMs: null,
};

/** Wave Business API (PROVIDERS 8): checkout sessions, which the customer pays in Wave's app. */
export class WaveAdapter implements GatewayAdapter {
  readonly gateway = 'wave';
  readonly capabilities = capabilities;
  readonly requiredCredentials = ['api_key', 'webhook_secret'] as const;
  readonly refunds: GatewayRefunds;
  readonly payouts: GatewayPayouts;
  readonly books: GatewayBooks;
  readonly float: GatewayFloat;

  constructor(private readonly http: GatewayHttpClient) {
    const books = new WaveBooks(http);
    this.books = books;
    this.refunds = new WaveRefunds(http, books);
    this.payouts = new WavePayouts(http);
    this.float = new WaveFloat(http);
  }

  writtenReference(reference: string): string {
    return reference;
  }

  async charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome> {
    const body = supports(capabilities, request.currency, request.method) ? waveSession(account, request) : undefined;
    if (body === undefined) return notSent('unsupported_method', 'merchant');
    const path = '/v1/checkout/sessions';
    const called = await callWave(this.http, account, { method: 'POST', path, body, timeoutMs: request.timeoutMs });
    return readCalled(called, (answer) => readSession(answer, request.currency));
  }

  /**
   * By the session's id where it is known. Unless that says paid or payable, all sessions of the reference are looked at too:
   * another one may have been paid, and an id from a webhook may lead to somebody else's.
   */
  async status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome> {
    const left = timeLeft(query.timeoutMs);
    const reference = this.writtenReference(query.reference);
    const id = waveId.safeParse(query.handles['session_id']);
    if (id.success) {
      const byId = await callWave(this.http, account, {
        method: 'GET',
        path: `/v1/checkout/sessions/${id.data}`,
        timeoutMs: left(),
      });
      if (byId.kind === 'outcome') return byId.outcome;
      const outcome = readSessionById(byId.answer, query.currency);
      const isAnswer = outcome.kind === 'succeeded' || outcome.kind === 'pending';
      if (isAnswer && referenceIn(byId.answer) === reference) return outcome;
    }
    const path = `/v1/checkout/sessions/search?client_reference=${encodeURIComponent(reference)}`;
    const called = await callWave(this.http, account, { method: 'GET', path, timeoutMs: left() });
    return readCalled(called, (answer) => readSessions(answer, reference, query.currency));
  }

  verifyWebhook(account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
    return verifyWaveWebhook(account, request, Date.now());
  }
}
