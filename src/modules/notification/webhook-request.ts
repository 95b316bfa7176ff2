/** One attempt on the wire: sends the request, and says what came of it in words we can store. Never throws. */
import { request, type Agent } from 'undici';
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

export async function sendWebhook(
  agent: Agent,
  webhook: WebhookRequest,
  timeoutMs = ATTEMPT_TIMEOUT_MS,
): Promise<AttemptReport> {
  const startedAt = new Date();
  const start = performance.now();
  const report = (rest: Partial<AttemptReport>): AttemptReport => ({
    startedAt,
    durationMs: Math.round(performance.now() - start),
    httpStatus: undefined,
    error: undefined,
    response: undefined,
    retryAfterMs: undefined,
    ...rest,
  });
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await request(webhook.url, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Sankofa-Webhooks/1',
        ...signatureHeaders(webhook.eventId, webhook.body, webhook.secrets, startedAt),
      },
      body: webhook.body,
      signal: abort.signal,
    });
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 300) {
      // The status line is the merchant's answer. What follows it is only cleared away, and may fail.
      await response.body.dump({ limit: MAX_RESPONSE_BYTES, signal: abort.signal }).catch(() => undefined);
      return report({ httpStatus: statusCode });
    }
    const text = await readStart(response.body).catch(() => undefined);
    const retryAfter = response.headers['retry-after'];
    return report({
      httpStatus: statusCode,
      error: statusCode >= 300 && statusCode < 400 ? 'redirect' : `http_${statusCode}`,
      response: text,
      retryAfterMs: parseRetryAfter(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, new Date()),
    });
  } catch (error) {
    return report({ error: abort.signal.aborted ? 'timeout' : errorName(error) });
  } finally {
    clearTimeout(timer);
  }
}

async function readStart(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (size < KEPT_RESPONSE_BYTES) chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop destroys the stream and with it the connection.
    if (size > MAX_RESPONSE_BYTES) break;
  }
  return storableText(Buffer.concat(chunks).subarray(0, KEPT_RESPONSE_BYTES));
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
