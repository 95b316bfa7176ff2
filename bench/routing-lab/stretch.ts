/** One run: a scenario, a seed, a router. Payments come, attempts are made, outcomes become known, and everything is counted. */
import { AroundTroubles } from './around.js';
import { seeded, seedOf } from './chance.js';
import { EventQueue } from './event-queue.js';
import { RegretMeter, type Regret } from './regret.js';
import type { Router } from './router.js';
import { DAY, NETWORKS, SHARE_OF_NETWORK, type Network, type Scenario } from './scenario.js';
import { TripMeter, type Detection } from './trips.js';
import { World, type Outcome } from './world.js';

/** What a run came to. */
export interface Tally {
  readonly payments: number;
  readonly succeeded: number;
  /** Failed by the customers themselves: nobody's to win. */
  readonly customerDeclined: number;
  readonly regret: Regret;
  readonly regretCurve: readonly number[];
  readonly detections: readonly Detection[];
  readonly outages: number;
  readonly falseTrips: number;
  readonly around: Pick<AroundTroubles, 'succeeded' | 'all'>;
}

export type MakeRouter = (world: World, random: () => number) => Router;

interface Payment {
  readonly network: Network;
  readonly arrivedMs: number;
  readonly random: () => number;
  readonly tried: Set<string>;
  /** Refused vaguely so far. */
  readonly vague: { readonly gateway: string; readonly startedAtMs: number }[];
}

/** A third gateway is the last that a customer waits for. */
const MAX_ATTEMPTS = 3;
/** Chance for the world, for arrivals, and for the router are apart, so that one does not change the others. */
const STREAM = { world: 1, arrivals: 2, router: 3, payments: 1_000 } as const;

export function runStretch(scenario: Scenario, seed: number, make: MakeRouter): Tally {
  const world = new World(scenario, seeded(seedOf(seed, STREAM.world)));
  return new Stretch(scenario, world, make(world, seeded(seedOf(seed, STREAM.router)))).run(seed);
}

class Stretch {
  private payments = 0;
  private succeeded = 0;
  private customerDeclined = 0;
  private readonly events = new EventQueue();
  private readonly regret: RegretMeter;
  private readonly trips: TripMeter;
  private readonly around: AroundTroubles;

  constructor(
    private readonly scenario: Scenario,
    private readonly world: World,
    private readonly router: Router,
  ) {
    this.regret = new RegretMeter(world, scenario);
    this.trips = new TripMeter(world, router);
    this.around = new AroundTroubles(world.troubles);
  }

  run(seed: number): Tally {
    const random = seeded(seedOf(seed, STREAM.arrivals));
    const endMs = this.scenario.days * DAY;
    const arrive = (atMs: number): void => {
      if (atMs >= endMs) return;
      this.events.at(atMs, () => {
        const chance = seeded(seedOf(seed, STREAM.payments + this.payments));
        this.payments += 1;
        this.attempt(
          { network: networkBy(random()), arrivedMs: atMs, random: chance, tried: new Set(), vague: [] },
          atMs,
        );
        arrive(this.world.nextArrival(atMs, random));
      });
    };
    arrive(this.world.nextArrival(0, random));
    this.events.runAll();
    const { payments, succeeded, customerDeclined, regret, trips, around } = this;
    return {
      payments,
      succeeded,
      customerDeclined,
      regret: regret.parts,
      regretCurve: regret.curve,
      detections: trips.detections,
      outages: trips.outages,
      falseTrips: trips.falseTrips,
      around,
    };
  }

  private attempt(payment: Payment, nowMs: number): void {
    const { network, tried, random } = payment;
    const candidates = this.world.gateways.filter((gateway) => !tried.has(gateway));
    const gateway = this.router.choose({ network, candidates, nowMs });
    if (tried.size === 0) this.regret.first(gateway, network, nowMs);
    else this.regret.retry(gateway, candidates, network, nowMs);
    tried.add(gateway);
    this.trips.sent(gateway, network, nowMs);
    const outcome = this.world.attempt(gateway, network, nowMs, random);
    this.events.at(nowMs + outcome.tookMs, () => this.hear(payment, gateway, outcome, nowMs));
  }

  private hear(payment: Payment, gateway: string, outcome: Outcome, startedAtMs: number): void {
    const nowMs = startedAtMs + outcome.tookMs;
    const { network, tried, arrivedMs } = payment;
    this.router.observe(gateway, network, outcome, startedAtMs, nowMs);
    this.trips.heard(gateway, nowMs);
    if (outcome.kind === 'customer_declined') {
      this.customerDeclined += 1;
      return;
    }
    const failed = outcome.kind !== 'succeeded';
    if (outcome.kind === 'vague') payment.vague.push({ gateway, startedAtMs });
    if (failed && outcome.kind !== 'no_answer' && tried.size < MAX_ATTEMPTS && this.router.goesOn(network, nowMs)) {
      this.attempt(payment, nowMs);
      return;
    }
    if (!failed) this.succeed(payment, nowMs);
    this.around.ended(arrivedMs, !failed);
  }

  private succeed({ network, vague }: Payment, nowMs: number): void {
    this.succeeded += 1;
    for (const { gateway, startedAtMs } of vague)
      this.router.observeTakenElsewhere?.(gateway, network, startedAtMs, nowMs);
  }
}

function networkBy(roll: number): Network {
  let left = roll;
  for (const network of NETWORKS) {
    left -= SHARE_OF_NETWORK[network];
    if (left < 0) return network;
  }
  return 'card';
}
