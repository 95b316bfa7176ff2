/**
 * Who is let in, decided from memory before anything costs anything: first the merchant's own limits (429, theirs to mend),
 * then those of this process (503, ours). A refusal uses up no key and stores nothing. Limits are per process: behind a
 * balancer a merchant has them once per process. What operators have set for a merchant comes with whoever asks, since keys and limits are read
 * together (kernel/access): nothing is looked up here.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import type { DomainError } from '../errors/domain-error.js';
import { ENV } from '../kernel.tokens.js';
import { Metrics } from '../observability/metrics.js';
import { AdaptiveLimit } from './adaptive-limit.js';
import type { OwnLimits } from './own-limits.js';
import { SHARE_OF_PLACES, type Admissible, type Priority } from './priority.js';
import { OVERLOADED, RATE_LIMITED } from './refusals.js';
import { TokenBucket, type BucketLimits } from './token-bucket.js';

/**
 * Requests worked on at once. The start, which is the least as well, fills a commit of accepted payments: with fewer, each commit would do
 * less and none be quicker, just when there is most to do. At the most, at about 10 KB each, 40 MB.
 */
const PLACES = { initial: 256, min: 256, max: 4_000 } as const;
/** Whoever waits this long for an answer that is a few milliseconds of work stands in a queue. */
const TARGET_MS = 300;
/**
 * As many more than there is room for are let in here. The door goes by what it was told a moment ago, and whoever it lets in by mistake would
 * hear their no late: when we have come to the end of what we are busy with. Charges only: what gives way to them must not take their places.
 */
const TOLERANCE: Readonly<Partial<Record<Admissible, number>>> = { charge: PLACES.min };
/** Merchants who do nothing are forgotten when there are more than this. */
const MAX_MERCHANTS = 10_000;

/** What is going on that charges should wait for; asked for every one of them, so it answers from memory. */
export interface Pressure {
  /** For metrics. */
  readonly name: string;
  /** How many more charges may come in now; below zero when so many are too many already, -Infinity where none may. */
  room(): number;
}

interface MerchantLimits extends BucketLimits {
  readonly maxInFlight: number;
  /** Of what was set for this merchant; 0: nothing was heard of. */
  readonly version: number;
}

interface Merchant {
  readonly bucket: TokenBucket;
  limits: MerchantLimits;
  inFlight: number;
}

export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** A place among those who are worked on. */
export interface Ticket {
  /**
   * Says whose it is, as soon as that is known; a second time changes nothing.
   * @param merchant `<merchant>/<mode>`
   * @throws {DomainError} `service.rate_limited`
   */
  identify(merchant: string, own?: OwnLimits): void;
  /** The merchant's limit after this request, for the RateLimit headers, also where it was refused; undefined while nobody knows whose it is. */
  rateLimit(): RateLimit | undefined;
  /** The work begins: the body has arrived. */
  begin(): void;
  /** From now on it only waits (`Prefer: wait`): its place is for others, its time says nothing about load. */
  park(): void;
  /** Once it is answered, or its caller has gone. */
  release(): void;
}

@Injectable()
export class Admission {
  private readonly places = new AdaptiveLimit({ ...PLACES, targetMs: TARGET_MS }, performance.now());
  private readonly merchants = new Map<string, Merchant>();
  private readonly pressures: Pressure[] = [];
  private readonly limitsOfAll: MerchantLimits;
  private readonly refusals;
  private inFlight = 0;

  constructor(@Inject(ENV) env: Env, metrics: Metrics) {
    this.limitsOfAll = {
      perSecond: env.merchantRatePerSecond,
      burst: env.merchantBurst,
      maxInFlight: env.merchantMaxInFlight,
      version: 0,
    };
    this.refusals = metrics.counter('sankofa_admission_refused_total', 'Requests refused before any work, by reason', [
      'priority',
      'reason',
    ]);
    metrics.gauge('sankofa_admission_places', 'Requests that may be worked on at once', [], (gauge) =>
      gauge.set(this.places.limit),
    );
    metrics.gauge('sankofa_http_in_flight', 'Requests being worked on', [], (gauge) => gauge.set(this.inFlight));
  }

  /** Adds a reason for which charges are refused while it lasts. */
  onPressure(pressure: Pressure): void {
    this.pressures.push(pressure);
  }

  /**
   * Whether such a request is refused now, and why; takes nothing of what there is, and counts what it refuses.
   * @param merchant who asks, where that is known already; `<merchant>/<mode>`
   * @param own what was set for them
   * @returns `service.rate_limited` or `service.overloaded`, with the seconds to wait
   */
  refusal(priority: Admissible, merchant: string | undefined, own?: OwnLimits): DomainError | undefined {
    const theirs =
      merchant === undefined ? undefined : this.theirReason(this.merchantOf(merchant, own, performance.now()));
    if (theirs !== undefined) return this.refused(priority, theirs, RATE_LIMITED);
    const ours = this.ourReason(priority);
    return ours === undefined ? undefined : this.refused(priority, ours, OVERLOADED);
  }

  /**
   * @param merchant who asks, where that is known already; `<merchant>/<mode>`
   * @param own what was set for them
   * @throws {DomainError} as {@link refusal} says
   */
  admit(priority: Admissible, merchant: string | undefined, own?: OwnLimits): Ticket {
    const refusal = this.refusal(priority, merchant, own);
    if (refusal !== undefined) throw refusal;
    const now = performance.now();
    const theirs = merchant === undefined ? undefined : this.enter(this.merchantOf(merchant, own, now), priority, now);
    this.inFlight += 1;
    this.places.entered(this.inFlight);
    return this.ticket(priority, theirs);
  }

  /** What is left to a merchant that has asked for something already; undefined: it has not, or so long ago that it is forgotten. */
  rateLimit(merchant: string): RateLimit | undefined {
    const known = this.merchants.get(merchant);
    return known === undefined ? undefined : rateLimitOf(known, performance.now());
  }

  private theirReason({ inFlight, bucket, limits }: Merchant): string | undefined {
    if (inFlight >= limits.maxInFlight) return 'merchant_in_flight';
    return bucket.remaining(performance.now()) < 1 ? 'merchant_rate' : undefined;
  }

  /** How many more requests may come in now, whosever they are. */
  room(priority: Admissible): number {
    const rooms = this.pressuresOn(priority).map((pressure) => pressure.room());
    return Math.min(this.freePlaces(priority), ...rooms);
  }

  /** Those whom the door has refused already. */
  countRefusedAtTheDoor(reason: string, priority: Admissible, count: number): void {
    this.refusals.inc({ priority, reason }, count);
  }

  private ourReason(priority: Admissible): string | undefined {
    const tolerance = TOLERANCE[priority] ?? 0;
    const pressure = this.pressuresOn(priority).find((each) => each.room() < 1 - tolerance);
    if (pressure !== undefined) return pressure.name;
    return this.freePlaces(priority) <= -tolerance ? 'places' : undefined;
  }

  private pressuresOn(priority: Admissible): readonly Pressure[] {
    return priority === 'charge' || priority === 'write' ? this.pressures : [];
  }

  private freePlaces(priority: Admissible): number {
    return this.places.limit * SHARE_OF_PLACES[priority] - this.inFlight;
  }

  private refused(priority: Priority, reason: string, refusal: DomainError): DomainError {
    this.refusals.inc({ priority, reason });
    return refusal;
  }

  /** @throws {DomainError} `service.rate_limited` */
  private enter(merchant: Merchant, priority: Priority, now: number): Merchant {
    const reason = this.theirReason(merchant);
    if (reason !== undefined) throw this.refused(priority, reason, RATE_LIMITED);
    merchant.bucket.take(now);
    merchant.inFlight += 1;
    return merchant;
  }

  private ticket(priority: Priority, known: Merchant | undefined): Ticket {
    let merchant = known;
    let asked = known;
    let startedAt: number | undefined;
    let state: 'working' | 'parked' | 'released' = 'working';
    const leave = (): void => {
      this.inFlight -= 1;
      const now = performance.now();
      // One that never began (its body did not arrive) says nothing about us.
      if (startedAt !== undefined) this.places.left(now - startedAt, now);
    };
    return {
      identify: (id, own) => {
        const now = performance.now();
        asked = this.merchantOf(id, own, now);
        // Its caller may have gone while we found out.
        if (state !== 'released') merchant ??= this.enter(asked, priority, now);
      },
      rateLimit: () => (asked === undefined ? undefined : rateLimitOf(asked, performance.now())),
      begin: () => {
        startedAt = performance.now();
      },
      park: () => {
        if (state !== 'working') return;
        leave();
        state = 'parked';
      },
      release: () => {
        if (state === 'released') return;
        if (state === 'working') leave();
        state = 'released';
        if (merchant !== undefined) merchant.inFlight -= 1;
      },
    };
  }

  private merchantOf(id: string, own: OwnLimits | undefined, now: number): Merchant {
    let merchant = this.merchants.get(id);
    if (merchant === undefined) {
      if (this.merchants.size >= MAX_MERCHANTS) this.forgetIdle(now);
      const limits = this.limitsOf(own);
      merchant = { bucket: new TokenBucket(limits, now), limits, inFlight: 0 };
      this.merchants.set(id, merchant);
    } else if (own !== undefined && own.version > merchant.limits.version) {
      // Two keys of a merchant are read at different moments: what was heard of later holds for both.
      merchant.limits = this.limitsOf(own);
      merchant.bucket.change(merchant.limits, now);
    }
    return merchant;
  }

  private limitsOf(own: OwnLimits | undefined): MerchantLimits {
    const all = this.limitsOfAll;
    if (own === undefined) return all;
    return {
      perSecond: own.ratePerSecond ?? all.perSecond,
      burst: own.burst ?? all.burst,
      maxInFlight: own.maxInFlight ?? all.maxInFlight,
      version: own.version,
    };
  }

  private forgetIdle(now: number): void {
    for (const [id, { inFlight, bucket }] of this.merchants)
      if (inFlight === 0 && bucket.isFull(now)) this.merchants.delete(id);
  }
}

function rateLimitOf({ bucket, limits: { burst, perSecond } }: Merchant, now: number): RateLimit {
  const remaining = bucket.remaining(now);
  return { limit: burst, remaining, resetSeconds: Math.ceil((burst - remaining) / perSecond) };
}
