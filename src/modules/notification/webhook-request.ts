/** One attempt on the wire: sends the request, and says what came of it in words we can store. Never throws. */
import type { Agent, Dispatcher } from 'undici';
import { codeOf } from '../../kernel/errors/describe.js';
import { parseRetryAfter } from './retry-schedule.js';
import { AddressNotAllowedError, NameNotResolvedError } from './ssrf-guard.js';
import { signatureHeaders } from './webhook-signature.js';

/** From the first packet to the end of the answer. Merchants are told to answer first and work later. */
export const ATTEMPT_TIMEOUT_MS = 15_000;
/** Kept of a failing answer, for the merchant's own search for the cause. */
const KEPT_RESPONSE_BYTES = 1_024;
/** Read of any answer, so that the connection can be used again; a longer one costs the connection. */
const MAX_RESPONSE_BYTES = 65_536;

export interface WebhookRequest {
  readonly url: string;
  readonly eventId: string;
  readonly body: string;
  readonly secrets: readonly string[];
}

export interface AttemptReport {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly httpStatus: number | undefined;
  /** Undefined when delivered; else `http_503`, `redirect`, `timeout`, `dns`, `address_not_allowed`, `connection`, `tls`... */
  readonly error: string | undefined;
  /** The first bytes of a failing answer, fit for a text column. */
  readonly response: string | undefined;
  readonly retryAfterMs: number | undefined;
}

export function sendWebhook(
  agent: Agent,
  webhook: WebhookRequest,
  timeoutMs = ATTEMPT_TIMEOUT_MS,
): Promise<AttemptReport> {
  const startedAt = new Date();
  return new Promise((resolve) => {
    const attempt = new WebhookAttempt(startedAt, timeoutMs, resolve);
    try {
      const url = new URL(webhook.url);
      agent.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'user-agent': 'Sankofa-Webhooks/1',
            ...signatureHeaders(webhook.eventId, webhook.body, webhook.secrets, startedAt),
          },
          body: webhook.body,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        attempt,
      );
    } catch (error) {
      attempt.fail(error);
    }
  });
}

/** One request on its way: reports once, whatever undici tells of it afterwards. Leaner than undici's streams by half. */
class WebhookAttempt implements Dispatcher.DispatchHandler {
  private readonly start = performance.now();
  private readonly timer: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | undefined;
  private status: number | undefined;
  private retryAfter: string | undefined;
  /** The first bytes of a failing answer. */
  private readonly kept: Buffer[] = [];
  private read = 0;
  private reported = false;

  constructor(
    private readonly startedAt: Date,
    timeoutMs: number,
    private readonly resolve: (report: AttemptReport) => void,
  ) {
    this.timer = setTimeout(() => this.giveUp(), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing here takes the request out before a byte of it is written.
    if (this.reported) throw new Error('given up while waiting for a connection');
    this.controller = controller;
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // Informational answers (1xx) are no answers.
    if (status < 200) return;
    this.status = status;
    const retryAfter = headers['retry-after'];
    this.retryAfter = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.isDelivered && this.read < KEPT_RESPONSE_BYTES) this.kept.push(chunk);
    this.read += chunk.length;
    if (this.read > MAX_RESPONSE_BYTES) controller.abort(new Error('the answer is too long'));
  }

  onResponseEnd(): void {
    this.answered();
  }

  /** Once there is a status line the merchant has answered: what follows it is only cleared away, and may fail. */
  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.status === undefined) this.fail(error);
    else this.answered();
  }

  fail(error: unknown): void {
    this.report({ error: errorName(error) });
  }

  private get isDelivered(): boolean {
    return this.status !== undefined && this.status >= 200 && this.status < 300;
  }

  private giveUp(): void {
    if (this.status === undefined) this.report({ error: 'timeout' });
    else this.answered();
    this.controller?.abort(new Error('timeout'));
  }

  private answered(): void {
    const { status } = this;
    if (status === undefined) this.report({ error: 'connection' });
    else if (this.isDelivered) this.report({ httpStatus: status });
    else
      this.report({
        httpStatus: status,
        error: status >= 300 && status < 400 ? 'redirect' : `http_${status}`,
        response: storableText(Buffer.concat(this.kept).subarray(0, KEPT_RESPONSE_BYTES)),
        retryAfterMs: parseRetryAfter(this.retryAfter, new Date()),
      });
  }

  private report(rest: Partial<AttemptReport>): void {
    if (this.reported) return;
    this.reported = true;
    clearTimeout(this.timer);
    this.resolve({
      startedAt: this.startedAt,
      durationMs: Math.round(performance.now() - this.start),
      httpStatus: undefined,
      error: undefined,
      response: undefined,
      retryAfterMs: undefined,
      ...rest,
    });
  }
}

/** PostgreSQL refuses NUL and invalid UTF-8 in text; one such answer would fail the whole batch it is recorded with. */
export function storableText(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\u0000', '\uFFFD');
}

function errorName(error: unknown): string {
  for (
    let cause: unknown = error;
    cause !== undefined && cause !== null;
    cause = cause instanceof Error ? cause.cause : undefined
  ) {
    if (cause instanceof AddressNotAllowedError) return 'address_not_allowed';
    if (cause instanceof NameNotResolvedError) return 'dns';
  }
  const code = codeOf(error) ?? '';
  if (code === 'ECONNREFUSED') return 'connection_refused';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'connect_timeout';
  if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || /CERT|SELF_SIGNED|ISSUER|EPROTO/.test(code))
    return 'tls';
  // The parser's own errors have a name, and not always a code.
  if (
    (error instanceof Error && error.name === 'HTTPParserError') ||
    code.startsWith('HPE_') ||
    code === 'UND_ERR_HEADERS_OVERFLOW' ||
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  )
    return 'malformed_response';
  return 'connection';
}
