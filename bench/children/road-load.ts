/**
 * A merchant under whom the load changes: first as many payments as the whole road carries, which is the yardstick, then phases
 * at shares of that, offered by the clock. Each payment is followed from its answer to its webhook.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LoadWindow, type LoadSummary } from './load-window.js';
import { PacedLoad } from './paced-load.js';
import type { RequestTarget } from './payment-requests.js';
import { receiveWebhooks, type Webhook } from './webhook-receiver.js';

export interface RoadPhase {
  readonly name: string;
  /** Of the sustainable rate. */
  readonly share: number;
  readonly ms: number;
}

export interface RoadLoadInput {
  /** Merchants who ask by turns, with a webhook endpoint each. */
  readonly targets: readonly RequestTarget[];
  /** At most so many requests are on their way at once. */
  readonly connections: number;
  /** Payments accepted or being accepted whose webhook has not come, while the sustainable rate is measured. */
  readonly outstanding: number;
  readonly warmUpMs: number;
  readonly saturateMs: number;
  readonly phases: readonly RoadPhase[];
  /** The length of each slice of the series. */
  readonly sliceMs: number;
  /** How long to wait for the last webhooks. */
  readonly drainMs: number;
}

export interface RoadPhaseResult extends LoadSummary {
  readonly name: string;
  readonly perSecond: number;
  /** By the clock of the machine, in ms since the epoch. */
  readonly startedAt: number;
}

export interface RoadLoadResult {
  /** Payments completed per second while there were always more of them. */
  readonly sustainablePerSecond: number;
  readonly phases: readonly RoadPhaseResult[];
  /** From the beginning of the first phase to the last webhook, slice by slice. */
  readonly slices: readonly LoadSummary[];
  readonly slicesStartedAt: number;
  /** Measurement of the sustainable rate included. */
  readonly acceptedInAll: number;
  /** Accepted, and their webhook never came. */
  readonly missing: number;
  /** Webhooks beyond the first, or about a payment whose acceptance was not heard of. */
  readonly unexpectedWebhooks: number;
  /** Webhooks of another type than payment.succeeded. */
  readonly otherWebhooks: Readonly<Record<string, number>>;
}

/** Between looks at whether more may be sent, in a closed loop. */
const LOOK_EVERY_MS = 1;
/** In the closed loop, as in end_to_end. */
const SATURATING_CONNECTIONS = 64;
/**
 * In the closed loop nobody asks again at once after a no: the quicker it came, the more of the machine would go into noes, and what is
 * sustainable would be less for it. Less than a tenth of what is on the way is completed in that time.
 */
const AFTER_REFUSAL_MS = 100;
/** What the yardstick's last payments left behind is out of the way by then. */
const SETTLE_MS = 3_000;

export async function run(input: RoadLoadInput): Promise<RoadLoadResult> {
  const road = new Road(input);
  await road.connect();
  const receivers = await Promise.all(
    input.targets.map((target) => receiveWebhooks(target, (webhook) => road.receive(webhook))),
  );
  const sustainablePerSecond = await road.saturate();
  await road.drained();
  await sleep(SETTLE_MS);
  const slices: LoadSummary[] = [];
  const slicesStartedAt = Date.now();
  road.cutSlice();
  const slicer = setInterval(() => slices.push(road.cutSlice()), input.sliceMs);
  const phases: RoadPhaseResult[] = [];
  for (const phase of input.phases) {
    const perSecond = phase.share * sustainablePerSecond;
    const startedAt = Date.now();
    phases.push({ name: phase.name, perSecond, startedAt, ...(await road.offer(perSecond, phase.ms)) });
  }
  await road.drained();
  clearInterval(slicer);
  for (const receiver of receivers) receiver.close();
  return { sustainablePerSecond, phases, slices, slicesStartedAt, ...road.close() };
}

class Road {
  private readonly load: PacedLoad;
  private phase = new LoadWindow();
  private slice = new LoadWindow();
  /** When each payment was answered whose webhook has not come. */
  private readonly awaited = new Map<string, number>();
  /** Payments whose webhook overtook the answer; what stays in here was never expected. */
  private readonly early = new Set<string>();
  private readonly otherWebhooks: Record<string, number> = {};
  private acceptedInAll = 0;
  private refusedAt = -Infinity;

  constructor(private readonly input: RoadLoadInput) {
    const { targets, connections } = input;
    this.load = new PacedLoad({
      targets,
      connections,
      note: (count) => this.note(count),
      onAccepted: (reference) => this.accepted(reference),
      onRefused: () => (this.refusedAt = performance.now()),
    });
  }

  connect(): Promise<void> {
    return this.load.connect();
  }

  /** A closed loop: a payment is sent whenever fewer than the bound are on the way. @returns payments completed per second */
  async saturate(): Promise<number> {
    await this.keepFull(this.input.warmUpMs);
    this.phase = new LoadWindow();
    await this.keepFull(this.input.saturateMs);
    const { completed, seconds } = this.phase.summary();
    return completed / seconds;
  }

  /** An open loop. @returns what was sent and heard meanwhile, including what had been accepted before */
  async offer(perSecond: number, ms: number): Promise<LoadSummary> {
    this.phase = new LoadWindow();
    await this.load.offer(perSecond, ms);
    return this.phase.summary();
  }

  /** Resolves when nothing is on the way, or the time for that is over. */
  async drained(): Promise<void> {
    const deadline = performance.now() + this.input.drainMs;
    while (this.load.open + this.awaited.size > 0 && performance.now() < deadline) await sleep(LOOK_EVERY_MS);
  }

  cutSlice(): LoadSummary {
    const { slice } = this;
    this.slice = new LoadWindow();
    return slice.summary();
  }

  receive({ type, reference }: Webhook): void {
    if (type !== 'payment.succeeded') {
      this.otherWebhooks[type] = (this.otherWebhooks[type] ?? 0) + 1;
      return;
    }
    const acceptedAt = this.awaited.get(reference);
    if (acceptedAt === undefined) {
      this.early.add(reference);
      return;
    }
    this.awaited.delete(reference);
    this.complete(performance.now() - acceptedAt);
  }

  close(): Pick<RoadLoadResult, 'acceptedInAll' | 'missing' | 'unexpectedWebhooks' | 'otherWebhooks'> {
    this.load.close();
    return {
      acceptedInAll: this.acceptedInAll,
      missing: this.awaited.size,
      unexpectedWebhooks: this.early.size,
      otherWebhooks: this.otherWebhooks,
    };
  }

  private async keepFull(durationMs: number): Promise<void> {
    const { outstanding } = this.input;
    const hasRoom = (): boolean =>
      performance.now() - this.refusedAt >= AFTER_REFUSAL_MS &&
      this.load.open < SATURATING_CONNECTIONS &&
      this.load.open + this.awaited.size < outstanding;
    const until = performance.now() + durationMs;
    while (performance.now() < until) {
      while (hasRoom()) this.load.send();
      await sleep(LOOK_EVERY_MS);
    }
  }

  private accepted(reference: string): void {
    this.acceptedInAll += 1;
    if (this.early.delete(reference)) this.complete(0);
    else this.awaited.set(reference, performance.now());
  }

  private complete(tookMs: number): void {
    this.note((window) => window.completion.add(tookMs));
  }

  private note(count: (window: LoadWindow) => void): void {
    count(this.phase);
    count(this.slice);
  }
}
