/**
 * What can be paid out at each gateway account, as far as this process knows: asked for in the background as long as there are payouts,
 * less what has been sent since. It is used for one thing only, to pass over an account whose float is surely too small; what it does
 * not know it does not hold against an account, since a gateway that refuses for lack of float says so at once, and nothing has moved.
 */
import type { Database } from '../../kernel/database/database.js';
import { describeError } from '../../kernel/errors/describe.js';
import type { Logger } from '../../kernel/observability/logger.js';
import type { BackgroundTask } from '../../kernel/queue/background-tasks.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
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

interface Float {
  readonly currency: string;
  availableMinor: bigint;
  /** Left by us since it was asked for. */
  sentMinor: bigint;
  /** Meant to leave, and not sent: by all processes when it was asked for, by this one since. */
  plannedMinor: bigint;
  askedAt: Date;
}

/** A float as operators see it. */
export interface KnownFloat {
  readonly accountId: string;
  readonly currency: string;
  readonly availableMinor: bigint;
  readonly askedAt: Date;
}

export class AccountFloats implements BackgroundTask {
  readonly name = 'routing.watch_floats';
  private readonly floats = new Map<string, Float>();
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

  /** Whether a payout that is about to be sent would surely be refused there for lack of float. */
  isShort(accountId: string, currency: string, amountMinor: bigint): boolean {
    this.wantedUntil.set(accountId, performance.now() + WANTED_FOR_MS);
    const float = this.trusted(accountId, currency);
    return float !== undefined && float.availableMinor - float.sentMinor < amountMinor;
  }

  planned(accountId: string, currency: string, amountMinor: bigint): void {
    const float = this.floats.get(keyOf(accountId, currency));
    if (float !== undefined) float.plannedMinor += amountMinor;
  }

  /** A refund or payout is being sent: it leaves the float, unless the gateway refuses it. */
  sent(accountId: string, currency: string, amountMinor: bigint): void {
    const float = this.floats.get(keyOf(accountId, currency));
    if (float === undefined) return;
    float.sentMinor += amountMinor;
    // It may have been planned after they were counted.
    float.plannedMinor = float.plannedMinor > amountMinor ? float.plannedMinor - amountMinor : 0n;
  }

  /** What was sent was refused, so that nothing left. */
  kept(accountId: string, currency: string, amountMinor: bigint): void {
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
    return [...this.floats].map(([key, { currency, availableMinor, sentMinor, askedAt }]) => ({
      accountId: key.slice(0, key.indexOf(' ')),
      currency,
      availableMinor: availableMinor - sentMinor,
      askedAt,
    }));
  }

  private trusted(accountId: string, currency: string): Float | undefined {
    const float = this.floats.get(keyOf(accountId, currency));
    return float !== undefined && Date.now() - float.askedAt.getTime() < TRUSTED_FOR_MS ? float : undefined;
  }

  private async askAll(): Promise<void> {
    const now = performance.now();
    for (const [accountId, until] of this.wantedUntil) if (until < now) this.wantedUntil.delete(accountId);
    const due = [...this.wantedUntil.keys()].filter(
      (accountId) => (this.askedAt.get(accountId) ?? Number.NEGATIVE_INFINITY) + this.askEveryMs <= now,
    );
    if (due.length > 0) await Promise.all(due.map((accountId) => this.ask(accountId)));
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
    // What had been sent before is in the answer; of what is sent meanwhile it cannot be told, and it is counted as still to leave.
    const sentBefore = new Map([...this.floats].map(([key, float]) => [key, float.sentMinor]));
    const result = await part.balances(account, this.options.readTimeoutMs);
    if (result.kind === 'failed') {
      this.options.logger.warn({ gatewayAccountId: accountId, code: result.code }, 'a float could not be asked for');
      return;
    }
    const planned = await plannedPayouts(this.options.database, accountId).catch((error: unknown) => {
      this.options.logger.warn({ error: describeError(error) }, 'planned payouts could not be counted');
      return undefined;
    });
    for (const { currency, availableMinor } of result.balances) {
      const key = keyOf(accountId, currency);
      const before = this.floats.get(key);
      this.floats.set(key, {
        currency,
        availableMinor,
        askedAt,
        sentMinor: (before?.sentMinor ?? 0n) - (sentBefore.get(key) ?? 0n),
        plannedMinor: planned?.get(currency) ?? before?.plannedMinor ?? 0n,
      });
    }
  }
}

function keyOf(accountId: string, currency: string): string {
  return `${accountId} ${currency}`;
}
