/**
 * What operators have decided, as planning uses it: the active rules, compiled, and the maintenance windows. Read from memory; every
 * process looks for changes every few seconds.
 */
import type { Database } from '../../../kernel/database/database.js';
import { describeError } from '../../../kernel/errors/describe.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import type { Segment } from '../choice/segment.js';
import { loadWindows, type Window } from './maintenance.store.js';
import { RuleMatcher } from './match-rules.js';
import { BY_PRIORITY, ruleSet } from './rule-set.js';
import { activeVersion, findRuleSet } from './rule-sets.store.js';

/** How old the copy in memory may be, in ms: what an operator changes is felt within this time, and the time of one payment. */
const FRESH_FOR_MS = 1_000;

/** What is decided at a moment. */
export interface Policy {
  /** 0: no rules are active, and accounts go by their priority. */
  readonly version: number;
  readonly matcher: RuleMatcher;
  readonly windows: readonly Window[];
}

export class RoutingPolicy {
  private loaded: Policy | undefined;
  private loadedAt = Number.NEGATIVE_INFINITY;
  private loading: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  /**
   * Makes sure that the copy in memory is fresh enough. While a reload is under way, or if it fails, an older copy does. Not to be called
   * inside a transaction: it takes a connection of the pool.
   * @throws if nothing was ever loaded and nothing can be: rules that are not known are not the same as no rules.
   */
  async refresh(): Promise<void> {
    if (performance.now() - this.loadedAt < FRESH_FOR_MS) return;
    if (this.loaded === undefined) {
      await this.reload();
      return;
    }
    if (this.loading === undefined) this.renew();
  }

  /** Looks soon, without anybody waiting for it: for whoever changed something and cannot wait. */
  renew(): void {
    this.reload().catch((error: unknown) =>
      this.logger.error({ error: describeError(error) }, 'rules of routing could not be reloaded: the old ones stay'),
    );
  }

  /** Synchronous: call {@link refresh} before. */
  current(): Policy {
    if (this.loaded === undefined) throw new Error('rules of routing are used before they were loaded');
    return this.loaded;
  }

  /** Looks at once, for whoever changed something and wants to see it here. */
  async reload(): Promise<void> {
    // A load that was under way may have read before the change.
    await this.loading?.catch(() => undefined);
    this.loading ??= this.load().finally(() => {
      this.loading = undefined;
    });
    await this.loading;
  }

  private async load(): Promise<void> {
    const loadedAt = performance.now();
    const [version, windows] = await Promise.all([activeVersion(this.database), loadWindows(this.database)]);
    const matcher = version === this.loaded?.version ? this.loaded.matcher : await this.matcherOf(version);
    if (this.loaded !== undefined && this.loaded.version !== version)
      this.logger.info({ version, before: this.loaded.version }, 'other rules of routing are in force');
    this.loaded = { version, matcher, windows };
    this.loadedAt = loadedAt;
  }

  private async matcherOf(version: number): Promise<RuleMatcher> {
    if (version === 0) return new RuleMatcher(BY_PRIORITY);
    const row = await findRuleSet(this.database, version);
    if (row === undefined) throw new Error(`rule set ${version} is active and cannot be found`);
    return new RuleMatcher(ruleSet.parse(row.content));
  }
}

/** The window that closes an account for a network now, if there is one. */
export function windowOver(
  { windows }: Policy,
  account: { readonly id: string; readonly gateway: string },
  network: Segment['network'],
  nowMs: number,
): Window | undefined {
  return windows.find(
    (window) =>
      (window.gatewayAccountId === account.id || window.gateway === account.gateway) &&
      (window.network === null || window.network === network) &&
      window.startsAtMs <= nowMs &&
      nowMs < window.endsAtMs,
  );
}
