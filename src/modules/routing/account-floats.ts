/**
 * What can be paid out at each gateway account, as far as this process knows: asked for in the background as long as there are payouts,
 * less what has been sent since, and what all processes have planned. An account whose float is surely too small is passed over, and one that is running
 * out is spared for those who have no other; what is not known is not held against an account, since a gateway that refuses for lack of float says so at
 * once, and nothing has moved.
 */
import type { Database } from '../../kernel/database/database.js';
import { describeError } from '../../kernel/errors/describe.js';
import type { Logger } from '../../kernel/observability/logger.js';
import type { BackgroundTask } from '../../kernel/queue/background-tasks.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import type { FloatLook } from './choose-account.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { plannedPayouts } from './disbursements.store.js';

export interface AccountFloatsOptions {
  readonly database: Database;
  readonly accounts: Pick<GatewayAccounts, 'byId'>;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly logger: Logger;
  readonly readTimeoutMs: number;
  /** Pause between looks, in ms. */
  readonly pollEveryMs?: number;
}

/** An account's balances are asked for this often while it pays out, in ms: four questions a minute are within every gateway's limits. */
const ASK_EVERY_MS = 15_000;
/** A payout makes us go on asking for this long, in ms: longer than payouts wait for their float. */
const WANTED_FOR_MS = 3_600_000;
/** A balance older than this says nothing any more, in ms: the gateway did not answer four times, and somebody may have paid in. */
const TRUSTED_FOR_MS = 60_000;
/**
 * Within this time, in ms, a float is filled up when somebody hears that it runs out: as long as payouts wait for it. One that lasts longer, at the
 * rate of late, is not scarce.
 */
const REFILL_MS = 1_800_000;
/** What "of late" is, in ms: what left a while ago counts half after so long. */
const OUTFLOW_HALF_LIFE_MS = 900_000;
/** What using up the last of a float counts, as a share of the amount: as a gateway that succeeds ten times less in a hundred. */
const MOST_SCARCITY = 0.01;

interface Float {
  readonly currency: string;
  availableMinor: bigint;
  /** Left by us since it was asked for. */
  sentMinor: bigint;
  /** Meant to leave, and not sent: by all processes when it was asked for, by this one since. */
  plannedMinor: bigint;
  askedAt: Date;
}

/** What left an account in one currency, in minor units; what is old counts less. */
interface Outflow {
  minor: number;
  atMs: number;
}

/** A float as operators see it. */
export interface KnownFloat {
  readonly accountId: string;
  readonly currency: string;
  readonly availableMinor: bigint;
  /** Of it, what is meant for payouts that are planned. */
  readonly plannedMinor: bigint;
  readonly askedAt: Date;
  /** Too old to pass over an account for it. */
  readonly isStale: boolean;
}

export class AccountFloats implements BackgroundTask {
  readonly name = 'routing.watch_floats';
  private readonly floats = new Map<string, Float>();
  private readonly outflows = new Map<string, Outflow>();
  /** What is about to be sent: found to have its float, and not sent yet. */
  private readonly cleared = new Map<string, bigint>();
  /** What gateways have been told to pay and have not answered yet: whether it has left cannot be told. */
  private readonly unanswered = new Map<string, bigint>();
  /** Until when each account is asked. */
  private readonly wantedUntil = new Map<string, number>();
  private readonly askedAt = new Map<string, number>();
  private readonly loop: IntervalTask;

  constructor(private readonly options: AccountFloatsOptions) {
    this.loop = new IntervalTask({
      name: this.name,
      everyMs: Math.min(options.pollEveryMs ?? ASK_EVERY_MS, ASK_EVERY_MS / 10),
      logger: options.logger,
      run: () => this.askAll(),
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** Whether a further payout may find its float there, behind all that are planned. */
  wouldFit(accountId: string, currency: string, amountMinor: bigint): boolean {
    this.wantedUntil.set(accountId, performance.now() + WANTED_FOR_MS);
    const float = this.trusted(accountId, currency);
    return float === undefined || float.availableMinor - float.sentMinor - float.plannedMinor >= amountMinor;
  }

  /** What it means for a further payout to go there, behind all that are planned. */
  look(accountId: string, currency: string, amountMinor: bigint): FloatLook {
    const fits = this.wouldFit(accountId, currency, amountMinor);
    const float = this.floats.get(keyOf(accountId, currency));
    if (float === undefined) return { fits, scarcity: 0 };
    const leftMinor = Number(float.availableMinor - float.sentMinor - float.plannedMinor - amountMinor);
    // By an old answer it may have been too small: there may be enough by now, but elsewhere there surely is.
    if (leftMinor < 0) return { fits, scarcity: MOST_SCARCITY };
    const lastsMs = leftMinor / this.outflowPerMs(accountId, currency);
    return { fits, scarcity: MOST_SCARCITY * Math.max(0, 1 - lastsMs / REFILL_MS) };
  }

  /** Whether a payout that is about to be sent would surely be refused there for lack of float, behind all that are about to be sent as well. */
  isShort(accountId: string, currency: string, amountMinor: bigint): boolean {
    this.wantedUntil.set(accountId, performance.now() + WANTED_FOR_MS);
    const float = this.trusted(accountId, currency);
    if (float === undefined) return false;
    const cleared = this.cleared.get(keyOf(accountId, currency)) ?? 0n;
    return float.availableMinor - float.sentMinor - cleared < amountMinor;
  }

  /** A payout is about to be sent: others must not count on its float. Until {@link unclear}. */
  clear(accountId: string, currency: string, amountMinor: bigint): void {
    change(this.cleared, keyOf(accountId, currency), amountMinor);
  }

  /** It is being sent, or is not going to be. */
  unclear(accountId: string, currency: string, amountMinor: bigint): void {
    change(this.cleared, keyOf(accountId, currency), -amountMinor);
  }

  planned(accountId: string, currency: string, amountMinor: bigint): void {
    const float = this.floats.get(keyOf(accountId, currency));
    if (float !== undefined) float.plannedMinor += amountMinor;
  }

  /** A refund or payout is being sent: it leaves the float, unless the gateway refuses it. */
  sent(accountId: string, currency: string, amountMinor: bigint): void {
    const float = this.floats.get(keyOf(accountId, currency));
    this.flow(accountId, currency, Number(amountMinor));
    change(this.unanswered, keyOf(accountId, currency), amountMinor);
    if (float === undefined) return;
    float.sentMinor += amountMinor;
    // It may have been planned after they were counted.
    float.plannedMinor = float.plannedMinor > amountMinor ? float.plannedMinor - amountMinor : 0n;
  }

  /** The gateway said what became of it, or did not say. */
  answered(accountId: string, currency: string, amountMinor: bigint): void {
    change(this.unanswered, keyOf(accountId, currency), -amountMinor);
  }

  /** What was sent was refused, so that nothing left. */
  kept(accountId: string, currency: string, amountMinor: bigint): void {
    this.flow(accountId, currency, -Number(amountMinor));
    const float = this.floats.get(keyOf(accountId, currency));
    if (float !== undefined) float.sentMinor -= amountMinor;
  }

  /** The gateway says that what is there does not suffice for an amount. */
  ranOut(accountId: string, currency: string, amountMinor: bigint): void {
    const known = this.floats.get(keyOf(accountId, currency));
    const atMost = amountMinor - 1n + (known?.sentMinor ?? 0n);
    this.floats.set(keyOf(accountId, currency), {
      currency,
      availableMinor: known === undefined || known.availableMinor > atMost ? atMost : known.availableMinor,
      sentMinor: known?.sentMinor ?? 0n,
      plannedMinor: known?.plannedMinor ?? 0n,
      askedAt: new Date(),
    });
  }

  known(): readonly KnownFloat[] {
    return [...this.floats].map(([key, float]) => ({
      accountId: key.slice(0, key.indexOf(' ')),
      currency: float.currency,
      availableMinor: float.availableMinor - float.sentMinor,
      plannedMinor: float.plannedMinor,
      askedAt: float.askedAt,
      isStale: !isTrusted(float),
    }));
  }

  /** Asks now, for whoever is to see floats in a process that pays nothing out itself. */
  async catchUp(accountIds: readonly string[]): Promise<void> {
    const now = performance.now();
    await Promise.all(accountIds.filter((id) => this.isDue(id, now)).map((id) => this.ask(id)));
  }

  private flow(accountId: string, currency: string, minor: number): void {
    const key = keyOf(accountId, currency);
    const nowMs = performance.now();
    const before = this.outflows.get(key) ?? { minor: 0, atMs: nowMs };
    this.outflows.set(key, { minor: Math.max(0, faded(before, nowMs) + minor), atMs: nowMs });
  }

  private outflowPerMs(accountId: string, currency: string): number {
    const outflow = this.outflows.get(keyOf(accountId, currency));
    return outflow === undefined ? 0 : (faded(outflow, performance.now()) * Math.LN2) / OUTFLOW_HALF_LIFE_MS;
  }

  private trusted(accountId: string, currency: string): Float | undefined {
    const float = this.floats.get(keyOf(accountId, currency));
    return float !== undefined && isTrusted(float) ? float : undefined;
  }

  private async askAll(): Promise<void> {
    const now = performance.now();
    for (const [accountId, until] of this.wantedUntil) if (until < now) this.wantedUntil.delete(accountId);
    const due = [...this.wantedUntil.keys()].filter((accountId) => this.isDue(accountId, now));
    if (due.length > 0) await Promise.all(due.map((accountId) => this.ask(accountId)));
    await this.recount();
  }

  private isDue(accountId: string, nowMs: number): boolean {
    return (this.askedAt.get(accountId) ?? Number.NEGATIVE_INFINITY) + this.askEveryMs <= nowMs;
  }

  /** What other processes plan meanwhile is to leave the same float: asking our own database costs nobody a question. */
  private async recount(): Promise<void> {
    const keys = new Map(this.known().map(({ accountId, currency }) => [keyOf(accountId, currency), accountId]));
    const wanted = [...new Set(keys.values())].filter((accountId) => this.wantedUntil.has(accountId));
    if (wanted.length === 0) return;
    const planned = await this.countPlanned(wanted);
    for (const [key, float] of this.floats)
      if (wanted.includes(keys.get(key) ?? '')) float.plannedMinor = planned(key, float);
  }

  /** @returns what is planned by account and currency: as counted, and by what has changed here since; as it was, where it could not be counted */
  private async countPlanned(
    accountIds: readonly string[],
  ): Promise<(key: string, float: Pick<Float, 'plannedMinor'> | undefined) => bigint> {
    const before = new Map([...this.floats].map(([key, { plannedMinor }]) => [key, plannedMinor]));
    try {
      const rows = await plannedPayouts(this.options.database, accountIds);
      const counted = new Map(rows.map((row) => [keyOf(row.accountId, row.currency), row.amount]));
      return (key, float) => {
        const since = (float?.plannedMinor ?? 0n) - (before.get(key) ?? 0n);
        const now = (counted.get(key) ?? 0n) + since;
        return now > 0n ? now : 0n;
      };
    } catch (error) {
      this.options.logger.warn({ error: describeError(error) }, 'planned payouts could not be counted');
      return (_, float) => float?.plannedMinor ?? 0n;
    }
  }

  private get askEveryMs(): number {
    return Math.min(this.options.pollEveryMs ?? ASK_EVERY_MS, ASK_EVERY_MS);
  }

  private async ask(accountId: string): Promise<void> {
    this.askedAt.set(accountId, performance.now());
    const account = await this.options.accounts.byId(accountId);
    const part = account && this.options.adapters.get(account.gateway)?.float;
    if (account === undefined || part === undefined) return;
    const askedAt = new Date();
    // What had been paid before is in the answer; of what is under way meanwhile it cannot be told, and it is counted as still to leave.
    const paidBefore = new Map(
      [...this.floats].map(([key, float]) => [key, float.sentMinor - (this.unanswered.get(key) ?? 0n)]),
    );
    const result = await part.balances(account, this.options.readTimeoutMs);
    if (result.kind === 'failed') {
      this.options.logger.warn({ gatewayAccountId: accountId, code: result.code }, 'a float could not be asked for');
      return;
    }
    const planned = await this.countPlanned([accountId]);
    for (const { currency, availableMinor } of result.balances) {
      const key = keyOf(accountId, currency);
      const before = this.floats.get(key);
      this.floats.set(key, {
        currency,
        availableMinor,
        askedAt,
        sentMinor:
          before === undefined ? (this.unanswered.get(key) ?? 0n) : before.sentMinor - (paidBefore.get(key) ?? 0n),
        plannedMinor: planned(key, before),
      });
    }
  }
}

function change(amounts: Map<string, bigint>, key: string, minor: bigint): void {
  const left = (amounts.get(key) ?? 0n) + minor;
  if (left > 0n) amounts.set(key, left);
  else amounts.delete(key);
}

function isTrusted({ askedAt }: Float): boolean {
  return Date.now() - askedAt.getTime() < TRUSTED_FOR_MS;
}

function faded({ minor, atMs }: Outflow, nowMs: number): number {
  return minor * 2 ** ((atMs - nowMs) / OUTFLOW_HALF_LIFE_MS);
}

function keyOf(accountId: string, currency: string): string {
  return `${accountId} ${currency}`;
}
