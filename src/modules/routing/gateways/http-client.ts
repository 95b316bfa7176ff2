/**
 * The one road to the gateways. A call ends in one of three ways, and the difference is money: `answered` (some HTTP
 * answer came), `not_sent` (surely no byte of the request left this process), `unknown` (it may have arrived).
 *
 * The line between the last two is undici's `onRequestStart`: it runs in the same tick, immediately before the first byte is
 * written to a connected socket (after DNS, TCP and TLS). What fails before it was not sent; whatever fails after it is
 * unknown, also a reset of a kept-alive connection. Nothing is ever sent a second time from here.
 */
import { Pool, type Dispatcher } from 'undici';
import { codeOf } from '../../../kernel/errors/describe.js';

/**
 * Connections per gateway account and lane: at 100 ms an answer, 128 carry 1,280 charges a second, and one slow gateway cannot take
 * more. Questions have a lane of their own: just when charges hang and hold theirs, the answers to questions are what counts. There are
 * as many, since nearly every charge is followed by its question: with 32, questions were what bounded payments per second. Books are
 * read page after page by one reader in the background, and never in the way of either.
 */
export const CONNECTIONS = { charge: 128, question: 128, books: 4 } as const;
/**
 * Connections per gateway account for refunds and payouts, and as many for questions about them, besides those of charges: they share a pool
 * in which there is always one for either. At 200 ms an answer, 16 carry 80 payouts a second, ten thousand in two minutes, and no gateway
 * is flooded.
 */
export const DISBURSEMENT_CONNECTIONS = 16;
/** Calls that may be in hand per gateway account and lane, waiting ones included; more are refused at once instead of queueing behind a slow gateway. */
const MAX_IN_HAND = 512;
/** DNS, TCP and TLS together. Longer than two lost SYNs (1 s + 2 s), which mobile backhauls do lose. */
const CONNECT_TIMEOUT_MS = 4_000;
/** A call that has no connection by then is given up as not sent; of a 35 s charge it leaves 30 s, more than Flutterwave's own 28 s. */
const START_WITHIN_MS = 5_000;
/** Idle sockets are dropped early, unless the gateway names a time: a write into a socket that it is just closing ends as unknown, which costs more than a handshake. */
const KEEP_ALIVE_MS = 5_000;
/** Gateway answers are a few KB; more is a mistake or an attack. A page of a gateway's books may have a thousand lines (Wave), of half a KB. */
const MAX_RESPONSE_BYTES = { charge: 256 * 1024, question: 256 * 1024, books: 4 * 1024 * 1024 } as const;
/** Pools kept; beyond it the one unused longest is closed. Far above the gateway accounts that one process serves. */
const MAX_POOLS = 1_000;

const SECOND_MS = 1_000;

export interface HttpClientOptions {
  readonly connections?: number;
  readonly maxInHand?: number;
  readonly startWithinMs?: number;
  readonly connectTimeoutMs?: number;
  /** TLS trust anchors in PEM, instead of the system's. */
  readonly ca?: string;
}

export interface HttpCall {
  /** Names the bulkhead: calls of one account never wait for those of another. */
  readonly accountId: string;
  /** Charges never wait for questions, nor the reverse. */
  readonly lane: keyof typeof CONNECTIONS;
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly kind: 'answered';
  readonly status: number;
  readonly body: Buffer;
  /** What the answer says of when to ask again, in ms; absent when it says nothing. */
  readonly retryAfterMs?: number;
}
export type HttpResult =
  | HttpAnswer
  | { readonly kind: 'not_sent'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };

interface Bulkhead {
  readonly pool: Pool;
  inHand: number;
}

export class GatewayHttpClient {
  private readonly bulkheads = new Map<string, Bulkhead>();
  private readonly maxInHand: number;
  private readonly startWithinMs: number;

  constructor(private readonly options: HttpClientOptions = {}) {
    this.maxInHand = options.maxInHand ?? MAX_IN_HAND;
    this.startWithinMs = options.startWithinMs ?? START_WITHIN_MS;
  }

  /** Never rejects. */
  send(call: HttpCall): Promise<HttpResult> {
    let bulkhead: Bulkhead;
    try {
      bulkhead = this.bulkheadOf(call);
    } catch {
      return Promise.resolve({ kind: 'not_sent', code: 'invalid_base_url' });
    }
    if (bulkhead.inHand >= this.maxInHand) return Promise.resolve({ kind: 'not_sent', code: 'bulkhead_full' });
    return new Promise((resolve) => {
      const exchange = new Exchange(call.timeoutMs, Math.min(this.startWithinMs, call.timeoutMs), resolve, () => {
        bulkhead.inHand -= 1;
      });
      bulkhead.inHand += 1;
      try {
        bulkhead.pool.dispatch(
          {
            path: call.url.pathname + call.url.search,
            method: call.method,
            headers: call.headers,
            body: call.body ?? null,
            headersTimeout: 0,
            bodyTimeout: 0,
          },
          exchange,
        );
      } catch {
        // Arguments that undici refuses (a header with a line break) are reported here or to the exchange: nothing was queued.
        exchange.refuse();
      }
    });
  }

  async close(): Promise<void> {
    const pools = [...this.bulkheads.values()].map(({ pool }) => pool);
    this.bulkheads.clear();
    await Promise.all(pools.map((pool) => pool.close()));
  }

  private bulkheadOf(call: HttpCall): Bulkhead {
    const key = `${call.accountId} ${call.lane} ${call.url.origin}`;
    const known = this.bulkheads.get(key);
    if (known !== undefined) {
      // Insertion order is the order of last use.
      this.bulkheads.delete(key);
      this.bulkheads.set(key, known);
      return known;
    }
    const made: Bulkhead = { pool: this.makePool(call), inHand: 0 };
    this.bulkheads.set(key, made);
    this.dropUnused();
    return made;
  }

  private makePool(call: HttpCall): Pool {
    const { connections, connectTimeoutMs, ca } = this.options;
    return new Pool(call.url.origin, {
      connections: connections ?? CONNECTIONS[call.lane] + (call.lane === 'books' ? 0 : DISBURSEMENT_CONNECTIONS),
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxResponseSize: MAX_RESPONSE_BYTES[call.lane],
      connect: { timeout: connectTimeoutMs ?? CONNECT_TIMEOUT_MS, ...(ca === undefined ? {} : { ca }) },
    });
  }

  private dropUnused(): void {
    if (this.bulkheads.size <= MAX_POOLS) return;
    for (const [key, { pool, inHand }] of this.bulkheads) {
      if (inHand > 0) continue;
      this.bulkheads.delete(key);
      pool.close().catch(() => undefined);
      return;
    }
  }
}

/** One request on its way; settles once, whatever undici reports afterwards. */
class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private started = false;
  private settled = false;
  private left = false;
  private status = 0;
  private retryAfterMs: number | undefined;
  private readonly chunks: Buffer[] = [];
  private readonly total: NodeJS.Timeout;
  private readonly start: NodeJS.Timeout;

  constructor(
    timeoutMs: number,
    startWithinMs: number,
    private readonly resolve: (result: HttpResult) => void,
    /** The request no longer occupies the pool, which for one given up while waiting is later than its result. */
    private readonly onLeft: () => void,
  ) {
    // One turn of the event loop is left for reading: a process that was frozen past the time may hold the answer already.
    this.total = setTimeout(() => setImmediate(() => this.giveUp()), timeoutMs);
    this.start = setTimeout(() => {
      setImmediate(() => {
        if (!this.started) this.giveUp();
      });
    }, startWithinMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing here takes the request out before a byte of it is written, and leaves the socket for others.
    if (this.settled) throw new Error('given up while waiting for a connection');
    if (this.started) throw new Error('a request is never sent twice');
    this.started = true;
    this.controller = controller;
    clearTimeout(this.start);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.status = status;
    this.retryAfterMs = readRetryAfter(headers['retry-after']);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.leave();
    const { status, retryAfterMs } = this;
    const body = Buffer.concat(this.chunks);
    this.settle({ kind: 'answered', status, body, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.leave();
    this.settle(
      this.started ? { kind: 'unknown', code: afterSending(error) } : { kind: 'not_sent', code: beforeSending(error) },
    );
  }

  refuse(): void {
    this.leave();
    this.settle({ kind: 'not_sent', code: 'invalid_request' });
  }

  private giveUp(): void {
    if (this.settled) return;
    this.settle(
      this.started ? { kind: 'unknown', code: 'timeout' } : { kind: 'not_sent', code: 'no_connection_in_time' },
    );
    this.controller?.abort(new Error('timeout'));
  }

  private leave(): void {
    if (this.left) return;
    this.left = true;
    this.onLeft();
  }

  private settle(result: HttpResult): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.total);
    clearTimeout(this.start);
    this.resolve(result);
  }
}

/** Seconds, or a date (RFC 9110, 10.2.3); undefined for anything else. */
export function readRetryAfter(value: string | string[] | undefined, now = Date.now()): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * SECOND_MS;
  const until = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}

function beforeSending(error: Error): string {
  const code = codeOf(error) ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : undefined) ?? '';
  if (code === 'ECONNREFUSED') return 'connection_refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns_failure';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'connect_timeout';
  if (code === 'UND_ERR_INVALID_ARG') return 'invalid_request';
  if (code === 'EPROTO' || /TLS|SSL|CERT|SIGNATURE/.test(code)) return 'tls_failure';
  return 'connection_failed';
}

function afterSending(error: Error): string {
  const code = codeOf(error) ?? '';
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'response_too_large';
  if (error.name === 'HTTPParserError') return 'invalid_http';
  return 'connection_reset';
}
