/**
 * A merchant: asks for payments and receives the webhooks about them, keeping a bounded number of payments on the way.
 * First a warm-up to its end; then payments for a while, timed from the first one accepted to the last webhook.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openLanes, type Lane } from './lanes.js';
import { Latencies } from './latencies.js';
import type { RequestTarget } from './payment-requests.js';
import { receiveWebhooks, type Webhook, type WebhookReceiver } from './webhook-receiver.js';

export interface MerchantInput {
  /** Of one merchant: the processes that answer it. */
  readonly targets: readonly [RequestTarget, ...RequestTarget[]];
  readonly connections: number;
  /** Payments accepted or being accepted whose webhook has not come. */
  readonly outstanding: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** How long to wait for the last webhooks. */
  readonly drainMs: number;
}

export interface MerchantResult {
  /** Of the measurement, without the warm-up. */
  readonly payments: number;
  readonly delivered: number;
  /** Payments of warm-up and measurement together. */
  readonly paymentsInAll: number;
  /** By the clock of the machine, in ms since the epoch. */
  readonly firstAcceptedAt: number;
  readonly lastWebhookAt: number;
  /** From the answer to the POST to the webhook. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly acceptP50Ms: number | null;
  readonly repeatedWebhooks: number;
  /** Webhooks of another type than payment.succeeded. */
  readonly otherWebhooks: Readonly<Record<string, number>>;
  readonly otherAnswers: Readonly<Record<string, number>>;
}

const ACCEPTED = 202;

export async function run(input: MerchantInput): Promise<MerchantResult> {
  const merchant = new Merchant(input);
  await merchant.listen();
  await merchant.pay(input.warmUpMs);
  merchant.startMeasuring();
  await merchant.pay(input.measureMs);
  const result = merchant.result();
  merchant.close();
  return result;
}

class Merchant {
  private receiver: WebhookReceiver | undefined;
  private readonly lanes: readonly Lane[];
  /** When each payment was answered, by reference; from its webhook on it is gone. */
  private readonly awaited = new Map<string, number>();
  private readonly seen = new Set<string>();
  private wakeUp: (() => void)[] = [];
  private sent = 0;
  private delivered = 0;
  private paymentsInAll = 0;
  private firstAcceptedAt = Number.POSITIVE_INFINITY;
  private lastWebhookAt = 0;
  private latencies = new Latencies();
  private acceptLatencies = new Latencies();
  private repeated = 0;
  private readonly otherWebhooks: Record<string, number> = {};
  private readonly otherAnswers: Record<string, number> = {};

  constructor(private readonly input: MerchantInput) {
    this.lanes = openLanes(input.targets, input.connections);
  }

  async listen(): Promise<void> {
    this.receiver = await receiveWebhooks(this.input.targets[0], (webhook) => this.receive(webhook));
  }

  /** Asks for payments for this long, then waits for their webhooks. */
  async pay(durationMs: number): Promise<void> {
    const until = performance.now() + durationMs;
    await Promise.all(this.lanes.map((lane) => this.payOn(lane, until)));
    const deadline = performance.now() + this.input.drainMs;
    while (this.delivered < this.sent && performance.now() < deadline) await sleep(5);
  }

  startMeasuring(): void {
    this.sent = 0;
    this.delivered = 0;
    this.firstAcceptedAt = Number.POSITIVE_INFINITY;
    this.latencies = new Latencies();
    this.acceptLatencies = new Latencies();
  }

  result(): MerchantResult {
    return {
      payments: this.sent,
      delivered: this.delivered,
      paymentsInAll: this.paymentsInAll,
      firstAcceptedAt: this.firstAcceptedAt,
      lastWebhookAt: this.lastWebhookAt,
      p50Ms: this.latencies.percentile(0.5),
      p99Ms: this.latencies.percentile(0.99),
      acceptP50Ms: this.acceptLatencies.percentile(0.5),
      repeatedWebhooks: this.repeated,
      otherWebhooks: this.otherWebhooks,
      otherAnswers: this.otherAnswers,
    };
  }

  close(): void {
    for (const { connection } of this.lanes) connection.close();
    this.receiver?.close();
  }

  private async payOn({ connection, next }: Lane, until: number): Promise<void> {
    while (performance.now() < until) {
      if (this.sent - this.delivered >= this.input.outstanding) {
        await Promise.race([
          new Promise<void>((resolve) => this.wakeUp.push(resolve)),
          sleep(until - performance.now()),
        ]);
        continue;
      }
      this.sent += 1;
      const { request, reference } = next();
      const sentAt = performance.now();
      const { status } = await connection.send(request);
      if (status === ACCEPTED) this.accepted(reference, sentAt);
      else {
        this.sent -= 1;
        this.otherAnswers[status] = (this.otherAnswers[status] ?? 0) + 1;
      }
    }
  }

  private accepted(reference: string, sentAt: number): void {
    const now = performance.now();
    this.paymentsInAll += 1;
    this.acceptLatencies.add(now - sentAt);
    this.firstAcceptedAt = Math.min(this.firstAcceptedAt, performance.timeOrigin + now);
    // The webhook may have overtaken the answer.
    if (this.seen.has(reference)) this.latencies.add(0);
    else this.awaited.set(reference, now);
  }

  private receive({ type, reference }: Webhook): void {
    if (type !== 'payment.succeeded') {
      this.otherWebhooks[type] = (this.otherWebhooks[type] ?? 0) + 1;
      return;
    }
    if (this.seen.has(reference)) {
      this.repeated += 1;
      return;
    }
    this.seen.add(reference);
    const now = performance.now();
    const acceptedAt = this.awaited.get(reference);
    this.awaited.delete(reference);
    if (acceptedAt !== undefined) this.latencies.add(now - acceptedAt);
    this.delivered += 1;
    this.lastWebhookAt = performance.timeOrigin + now;
    this.wakeUp.shift()?.();
  }
}
