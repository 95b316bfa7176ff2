/**
 * SMS by Africa's Talking: one form-encoded POST per message.
 * https://developers.africastalking.com/docs/sms/sending/bulk and, for the codes, https://help.africastalking.com
 */
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { SmsSettings } from '../../../config/message-settings.js';
import { codeOf } from '../../../kernel/errors/describe.js';
import { parseRetryAfter } from '../retry-schedule.js';
import type { AttemptOutcome } from './attempt-outcome.js';

/** From the first packet to the end of the answer; the provider waits for networks before it answers. */
export const ATTEMPT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** An answer about one recipient has some 300 bytes. */
const MAX_ANSWER_BYTES = 16_384;
/** Sockets to the provider: as many as messages that are sent at a time. */
const CONNECTIONS = 8;

export interface Sms {
  readonly to: string;
  readonly text: string;
}

const answer = z.object({
  SMSMessageData: z.object({
    Message: z.string().optional(),
    Recipients: z.array(z.object({ statusCode: z.number().int(), messageId: z.string().max(200).optional() })),
  }),
});

/** Processed, sent, queued: it is the provider's to bring now. */
const TAKEN: ReadonlySet<number> = new Set([100, 101, 102]);
/** The number's fault: not a number, not a mobile, on a list of people who want none. */
const OF_THE_NUMBER: ReadonlySet<number> = new Set([403, 404, 406, 409]);
/**
 * Nobody's phone has it, and later it may: held for its risk, sender id or balance (somebody must see to those), no route, refused by the network's
 * gateway.
 */
const NOT_TAKEN: ReadonlySet<number> = new Set([401, 402, 405, 407, 502]);

/** Errors of undici and Node from before a byte of the request was written. */
const NOT_WRITTEN: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export class AfricasTalkingChannel {
  private readonly agent: Agent;

  constructor(
    private readonly settings: SmsSettings,
    private readonly timeoutMs = ATTEMPT_TIMEOUT_MS,
  ) {
    this.agent = new Agent({
      connections: CONNECTIONS,
      // One at a time on a connection, and none is sent again by itself.
      pipelining: 1,
      connect: { timeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  }

  /** Never throws. */
  async send({ to, text }: Sms): Promise<AttemptOutcome> {
    const { url, username, apiKey, senderId } = this.settings;
    const form = new URLSearchParams({ username, to, message: text });
    if (senderId !== undefined) form.set('from', senderId);
    const signal = AbortSignal.timeout(this.timeoutMs);
    try {
      const response = await request(`${url}/version1/messaging`, {
        dispatcher: this.agent,
        method: 'POST',
        headers: {
          accept: 'application/json',
          apikey: apiKey,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: form.toString(),
        signal,
      });
      const retryAfter = response.headers['retry-after'];
      const body = await readAtMost(response.body, MAX_ANSWER_BYTES);
      return judgeAnswer(response.statusCode, body, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
    } catch (error) {
      return judgeError(error, signal.aborted);
    }
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}

async function readAtMost(body: AsyncIterable<Buffer>, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function judgeAnswer(status: number, body: string | undefined, retryAfter: string | undefined): AttemptOutcome {
  if (status === 429)
    return { kind: 'not_sent', error: 'http_429', retryAfterMs: parseRetryAfter(retryAfter, new Date()) };
  // Our key or name is not taken: no message's fault, and put right by somebody.
  if (status === 401 || status === 403) return { kind: 'not_sent', error: `http_${status}` };
  if (status >= 400 && status < 500) return { kind: 'refused', error: `http_${status}` };
  if (status < 200 || status >= 300) return { kind: 'unknown', error: `http_${status}` };
  const parsed = answer.safeParse(parse(body));
  const [recipient, ...others] = parsed.data?.SMSMessageData.Recipients ?? [];
  // No recipient at all is how it says that it has taken none: the sender id or the number is not as it should be.
  if (parsed.success && recipient === undefined) return { kind: 'not_sent', error: 'no_recipient' };
  if (recipient === undefined || others.length > 0) return { kind: 'unknown', error: 'unexpected_answer' };
  const { statusCode, messageId } = recipient;
  if (TAKEN.has(statusCode)) return { kind: 'sent', providerId: messageId };
  const error = `status_${statusCode}`;
  if (OF_THE_NUMBER.has(statusCode)) return { kind: 'refused', error };
  // What is left, 500 and 501 among it, is an error somewhere behind the provider's door.
  return NOT_TAKEN.has(statusCode) ? { kind: 'not_sent', error } : { kind: 'unknown', error };
}

function parse(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}

function judgeError(error: unknown, late: boolean): AttemptOutcome {
  const code = codeOf(error) ?? '';
  if (NOT_WRITTEN.has(code))
    return { kind: 'not_sent', error: code === 'ECONNREFUSED' ? 'connection_refused' : 'connection' };
  // A certificate is looked at before anything is said.
  if (code.startsWith('ERR_TLS') || /CERT|SELF_SIGNED|ISSUER/.test(code)) return { kind: 'not_sent', error: 'tls' };
  return { kind: 'unknown', error: late || code.includes('TIMEOUT') ? 'timeout' : 'connection' };
}
