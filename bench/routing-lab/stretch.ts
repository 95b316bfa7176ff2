/** One run: a scenario, a seed, a router. Payments come, attempts are made, outcomes become known, and everything is counted. */
import { seeded, seedOf } from './chance.js';
import { EventQueue } from './event-queue.js';
import type { Router } from './router.js';
import { DAY, NETWORKS, SHARE_OF_NETWORK, type Network, type Scenario, type Trouble } from './scenario.js';
import { World, type Outcome } from './world.js';

/** What a run came to. */
export interface Tally {
  payments: number;
  succeeded: number;
  /** Failed by the customers themselves: nobody's to win. */
  customerDeclined: number;
  /** Of first attempts: what the best gateway's true success was above the chosen one's, summed up. In payments. */
  regret: number;
  /** The part of it that fell into troubles. */
  regretInTrouble: number;
  /** Per total outage that was noticed: attempts that were sent into it before, and until when. */
  readonly detections: { readonly attempts: number; readonly seconds: number }[];
  outages: number;
  /** Times that a gateway, or a network of it, began to be avoided although nothing was wrong. */
  falseTrips: number;
  /** Payments that came during troubles, and those of them that were lost though not by the customer. */
  inTrouble: number;
  lostInTrouble: number;
}

interface Payment {
  readonly network: Network;
  readonly arrivedMs: number;
  readonly random: () => number;
  readonly tried: Set<string>;
}

interface Watch {
  readonly trouble: Trouble;
  readonly gateway: string;
  readonly network: Network;
  attempts: number;
  noticedAt: number | undefined;
}

/** A third gateway is the last that a customer waits for. */
const MAX_ATTEMPTS = 3;
/** Chance for the world, for arrivals, and for the router are apart, so that one does not change the others. */
const STREAM = { world: 1, arrivals: 2, router: 3, payments: 1_000 } as const;

export function runStretch(
  scenario: Scenario,
  seed: number,
  make: (world: World, random: () => number) => Router,
): Tally {
  const world = new World(scenario, seeded(seedOf(seed, STREAM.world)));
  const stretch = new Stretch(scenario, world, make(world, seeded(seedOf(seed, STREAM.router))));
  return stretch.run(seed);
}

class Stretch {
  private readonly tally: Tally = {
    payments: 0,
    succeeded: 0,
    customerDeclined: 0,
    regret: 0,
    regretInTrouble: 0,
    detections: [],
    outages: 0,
    falseTrips: 0,
    inTrouble: 0,
    lostInTrouble: 0,
  };
  private readonly events = new EventQueue();
  private readonly watches: readonly Watch[];
  private readonly avoided = new Set<string>();

  constructor(
    private readonly scenario: Scenario,
    private readonly world: World,
    private readonly router: Router,
  ) {
    this.watches = this.totalOutages();
    this.tally.outages = this.watches.length;
  }

  run(seed: number): Tally {
    const random = seeded(seedOf(seed, STREAM.arrivals));
    const endMs = this.scenario.days * DAY;
    const meanGapMs = DAY / this.scenario.paymentsPerDay;
    let index = 0;
    const arrive = (atMs: number): void => {
      if (atMs >= endMs) return;
      this.events.at(atMs, () => {
        const network = networkBy(random());
        this.take(
          { network, arrivedMs: atMs, random: seeded(seedOf(seed, STREAM.payments + index)), tried: new Set() },
          atMs,
        );
        index += 1;
        arrive(atMs - Math.log(1 - random()) * meanGapMs);
      });
    };
    arrive(0);
    this.events.runAll();
    for (const { attempts, noticedAt, trouble } of this.watches)
      if (noticedAt !== undefined)
        this.tally.detections.push({ attempts, seconds: (noticedAt - trouble.fromMs) / 1_000 });
    return this.tally;
  }

  private take(payment: Payment, nowMs: number): void {
    this.tally.payments += 1;
    if (this.isTroubled(payment)) this.tally.inTrouble += 1;
    this.attempt(payment, nowMs);
  }

  private attempt(payment: Payment, nowMs: number): void {
    const { network, tried, random } = payment;
    const candidates = this.world.gateways.filter((gateway) => !tried.has(gateway));
    const gateway = this.router.choose({ network, candidates, nowMs });
    if (tried.size === 0) this.countRegret(gateway, network, nowMs);
    tried.add(gateway);
    this.countSent(gateway, network, nowMs);
    const outcome = this.world.attempt(gateway, network, nowMs, random);
    this.events.at(nowMs + outcome.tookMs, () => this.hear(payment, gateway, outcome, nowMs, nowMs + outcome.tookMs));
  }

  private hear(payment: Payment, gateway: string, outcome: Outcome, startedAtMs: number, nowMs: number): void {
    const { network, tried } = payment;
    this.router.observe(gateway, network, outcome, startedAtMs, nowMs);
    this.lookForTrips(nowMs);
    this.countFalseTrips(gateway, nowMs);
    if (outcome.kind === 'succeeded') this.tally.succeeded += 1;
    else if (outcome.kind === 'customer_declined') this.tally.customerDeclined += 1;
    else if (outcome.kind !== 'no_answer' && tried.size < MAX_ATTEMPTS && this.router.goesOn(network, nowMs)) {
      this.attempt(payment, nowMs);
    } else if (this.isTroubled(payment)) this.tally.lostInTrouble += 1;
  }

  private isTroubled({ network, arrivedMs }: Payment): boolean {
    return this.world.gateways.some((gateway) => this.world.isTroubled(gateway, network, arrivedMs));
  }

  private countRegret(gateway: string, network: Network, nowMs: number): void {
    const truth = this.world.gateways.map((each) => this.world.success(each, network, nowMs));
    const regret = Math.max(...truth) - this.world.success(gateway, network, nowMs);
    this.tally.regret += regret;
    if (this.world.gateways.some((each) => this.world.isTroubled(each, network, nowMs)))
      this.tally.regretInTrouble += regret;
  }

  private countSent(gateway: string, network: Network, nowMs: number): void {
    for (const watch of this.watches) {
      const { trouble } = watch;
      if (watch.noticedAt !== undefined || watch.gateway !== gateway || watch.network !== network) continue;
      if (nowMs >= trouble.fromMs && nowMs < trouble.toMs) watch.attempts += 1;
    }
  }

  private lookForTrips(nowMs: number): void {
    for (const watch of this.watches) {
      const { trouble, gateway, network } = watch;
      if (watch.noticedAt !== undefined || nowMs < trouble.fromMs || nowMs >= trouble.toMs) continue;
      if (this.router.avoids(gateway, network, nowMs)) watch.noticedAt = nowMs;
    }
  }

  /** Only what an outcome is of can trip by it. */
  private countFalseTrips(gateway: string, nowMs: number): void {
    if (!this.router.hasBreakers) return;
    for (const network of NETWORKS) {
      const key = `${gateway} ${network}`;
      if (!this.router.avoids(gateway, network, nowMs)) this.avoided.delete(key);
      else if (!this.avoided.has(key)) {
        this.avoided.add(key);
        if (!this.world.isTroubled(gateway, network, nowMs)) this.tally.falseTrips += 1;
      }
    }
  }

  /** For each total outage, each segment that it strikes. */
  private totalOutages(): Watch[] {
    return this.world.troubles
      .filter((trouble) => trouble.kind === 'outage')
      .flatMap((trouble) =>
        this.world.gateways
          .filter((gateway) => trouble.gateway === undefined || trouble.gateway === gateway)
          .flatMap((gateway) =>
            NETWORKS.filter((network) => trouble.network === undefined || trouble.network === network).map(
              (network) => ({
                trouble,
                gateway,
                network,
                attempts: 0,
                noticedAt: undefined,
              }),
            ),
          ),
      );
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
