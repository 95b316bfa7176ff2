import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Timers } from './timers.js';

/** A webhook ready to be sent: the same bytes on every try. */
export interface OutgoingWebhook {
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Requests on the way at one time: enough for 1,000 per second against a receiver that takes a quarter of a second for each. */
const MAX_IN_FLIGHT = 256;

/** How long a receiver may take. Paystack waits 30 s and Flutterwave 60 s; shorter here so that a test sees the retry. Milliseconds. */
const TIMEOUT_MS = 10_000;

/** Deliveries that may wait for their turn or their retry. Beyond it, new ones are dropped and counted, as memory is bounded. */
const MAX_WAITING = 50_000;

/**
 * Pauses before further tries, where a gateway tries again, in ms. The real ones are longer (Paystack: every 3 minutes four times, then hourly for 72
 * hours; Flutterwave: three times after 30 minutes, where the merchant switched it on; Wave is said to go on for three days; Monnify's are not known): here
 * the first come within seconds, so that a receiver's outage can be tested, and the last after ten minutes.
 */
export const WEBHOOK_RETRIES_MS: readonly number[] = [1_000, 5_000, 15_000, 60_000, 60_000, 120_000, 300_000];

interface Delivery {
  readonly gateway: string;
  readonly webhook: OutgoingWebhook;
  readonly retryMs: readonly number[];
  attempt: number;
}

/** What became of a gateway's webhooks; `attempts` counts every try, `abandoned` those not taken after the last one. */
export interface WebhookCounts {
  gateway: string;
  webhooks: number;
  attempts: number;
  delivered: number;
  waiting: number;
  abandoned: number;
  dropped: number;
}

/** Sends webhooks over kept-alive connections, a bounded number at a time, and repeats what was not taken. */
export class WebhookSender {
  private readonly http = new HttpAgent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT });
  private readonly https = new HttpsAgent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT });
  private readonly timers = new Timers();
  private readonly inFlight = new Set<ClientRequest>();
  private readonly counts = new Map<string, WebhookCounts>();
  private queue: Delivery[] = [];
  private head = 0;
  private waiting = 0;
  private closed = false;
  /** Raised by `clear`, so that a delivery that was on the way then does not come back into the counters. */
  private epoch = 0;

  /** Never fails: what cannot be delivered is counted. */
  send(gateway: string, webhook: OutgoingWebhook, retryMs: readonly number[]): void {
    const counts = this.countsOf(gateway);
    counts.webhooks += 1;
    if (this.waiting >= MAX_WAITING) {
      counts.dropped += 1;
      return;
    }
    this.waiting += 1;
    counts.waiting += 1;
    this.enqueue({ gateway, webhook, retryMs, attempt: 0 });
  }

  summary(): WebhookCounts[] {
    return [...this.counts.values()];
  }

  /** Forgets what waits; what is on the way ends by itself, and is not repeated. */
  clear(): void {
    this.timers.clear();
    for (const counts of this.counts.values()) counts.waiting = 0;
    this.queue = [];
    this.head = 0;
    this.waiting = 0;
    this.epoch += 1;
  }

  close(): void {
    this.closed = true;
    this.clear();
    for (const request of this.inFlight) request.destroy();
    this.http.destroy();
    this.https.destroy();
  }

  private enqueue(delivery: Delivery): void {
    this.queue.push(delivery);
    this.pump();
  }

  private pump(): void {
    while (!this.closed && this.inFlight.size < MAX_IN_FLIGHT) {
      const next = this.queue[this.head];
      if (next === undefined) break;
      this.head += 1;
      this.attempt(next);
    }
    // The consumed front is cut off now and then: shifting each time would move the whole queue.
    if (this.head > 0 && this.head * 2 >= this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }

  private attempt(delivery: Delivery): void {
    const { epoch } = this;
    const { webhook } = delivery;
    this.countsOf(delivery.gateway).attempts += 1;
    let ended = false;
    let request: ClientRequest | undefined;
    const end = (taken: boolean): void => {
      if (ended) return;
      ended = true;
      if (request) this.inFlight.delete(request);
      if (epoch === this.epoch) this.finish(delivery, taken);
      if (!this.closed) setImmediate(() => this.pump());
    };
    try {
      request = this.start(webhook);
    } catch {
      // An address that no request can be made for, such as one with a space: it will never be taken.
      end(false);
      return;
    }
    this.inFlight.add(request);
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      response.on('end', () => end(status >= 200 && status < 300));
      response.on('close', () => end(false));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // A kept-alive connection that the receiver closed in that very moment: the receiver never saw this try.
      if (request?.reusedSocket && error.code === 'ECONNRESET' && !ended && !this.closed) {
        ended = true;
        this.inFlight.delete(request);
        if (epoch === this.epoch) this.enqueue(delivery);
        return;
      }
      end(false);
    });
    request.on('timeout', () => request?.destroy());
    request.end(webhook.body);
  }

  private start(webhook: OutgoingWebhook): ClientRequest {
    const secure = webhook.url.startsWith('https:');
    const options: RequestOptions = {
      method: webhook.method,
      headers: { ...webhook.headers, 'content-length': Buffer.byteLength(webhook.body) },
      timeout: TIMEOUT_MS,
      agent: secure ? this.https : this.http,
    };
    return (secure ? httpsRequest : httpRequest)(webhook.url, options);
  }

  private finish(delivery: Delivery, taken: boolean): void {
    const counts = this.countsOf(delivery.gateway);
    const waitMs = delivery.retryMs[delivery.attempt];
    if (!taken && waitMs !== undefined && !this.closed) {
      delivery.attempt += 1;
      this.timers.after(waitMs, () => this.enqueue(delivery));
      return;
    }
    this.waiting -= 1;
    counts.waiting -= 1;
    if (taken) counts.delivered += 1;
    else counts.abandoned += 1;
  }

  private countsOf(gateway: string): WebhookCounts {
    const known = this.counts.get(gateway);
    if (known) return known;
    const counts = { gateway, webhooks: 0, attempts: 0, delivered: 0, waiting: 0, abandoned: 0, dropped: 0 };
    this.counts.set(gateway, counts);
    return counts;
  }
}
