/** The gateway accounts, read from memory on the hot path and reloaded every few seconds. */
import type { Database } from '../../kernel/database/database.js';
import { describeError } from '../../kernel/errors/describe.js';
import type { Logger } from '../../kernel/observability/logger.js';
import type { Vault } from '../../kernel/secrets/vault.js';
import { AccountCredentials } from './account-credentials.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { loadGatewayAccounts, type RoutingAccount } from './gateway-accounts.store.js';

export { resealGatewayAccounts, upsertGatewayAccount, type GatewayAccountSettings } from './gateway-accounts.store.js';

/** How old the copy in memory may be, in ms: a change of configuration is felt within this time. */
const FRESH_FOR_MS = 5_000;
/** An account that is asked for and not known makes us look at once, but not more often than this, in ms: addresses come from outside. */
const RELOAD_AT_MOST_EVERY_MS = 1_000;

interface Snapshot {
  readonly loadedAt: number;
  readonly all: readonly RoutingAccount[];
  readonly byId: ReadonlyMap<string, RoutingAccount>;
  readonly byName: ReadonlyMap<string, RoutingAccount>;
  /** Usable accounts in order of preference, by merchant and mode; platform-wide ones under the empty merchant. */
  readonly usable: ReadonlyMap<string, readonly RoutingAccount[]>;
}

const UNUSABLE = 'a gateway account cannot be used';

const EMPTY: Snapshot = {
  loadedAt: Number.NEGATIVE_INFINITY,
  all: [],
  byId: new Map(),
  byName: new Map(),
  usable: new Map(),
};

export class GatewayAccounts {
  private snapshot = EMPTY;
  private loading: Promise<void> | undefined;
  private readonly warned = new Set<string>();
  private readonly credentials: AccountCredentials;

  constructor(
    private readonly database: Database,
    private readonly adapters: ReadonlyMap<string, GatewayAdapter>,
    private readonly logger: Logger,
    vault: Vault,
  ) {
    this.credentials = new AccountCredentials(vault);
  }

  /**
   * Makes sure that the copy in memory is fresh enough. While a reload is under way, or if it fails, an older copy does. Not to be called
   * inside a transaction: the first copy takes a connection of the pool, and whoever waits for it there holds one.
   */
  async refresh(): Promise<void> {
    if (performance.now() - this.snapshot.loadedAt < FRESH_FOR_MS) return;
    if (this.snapshot === EMPTY) {
      await this.reload();
    } else if (this.loading === undefined) {
      this.reload().catch((error: unknown) =>
        this.logger.warn({ error: describeError(error) }, 'gateway accounts could not be reloaded'),
      );
    }
  }

  /**
   * Accounts that may take a payment of this merchant and mode, the preferred first. Synchronous: call {@link refresh} before.
   * @throws if nothing was loaded yet: no accounts known is not the same as no account fits.
   */
  usableFor(merchantId: string, livemode: boolean): readonly RoutingAccount[] {
    if (this.snapshot === EMPTY) throw new Error('gateway accounts are used before they were loaded');
    const own = this.snapshot.usable.get(keyOf(merchantId, livemode)) ?? [];
    const shared = this.snapshot.usable.get(keyOf('', livemode)) ?? [];
    return own.length === 0 ? shared : [...own, ...shared].sort(byPreference);
  }

  /** An account as far as the copy in memory goes. Synchronous: call {@link refresh} before. */
  known(id: string): RoutingAccount | undefined {
    return this.snapshot.byId.get(id);
  }

  async byId(id: string): Promise<RoutingAccount | undefined> {
    await this.refresh();
    return this.snapshot.byId.get(id) ?? (await this.lookAgain()).byId.get(id);
  }

  async byName(gateway: string, name: string): Promise<RoutingAccount | undefined> {
    await this.refresh();
    const key = `${gateway}/${name}`;
    return this.snapshot.byName.get(key) ?? (await this.lookAgain()).byName.get(key);
  }

  async all(): Promise<readonly RoutingAccount[]> {
    await this.reload();
    return this.snapshot.all;
  }

  private async lookAgain(): Promise<Snapshot> {
    if (performance.now() - this.snapshot.loadedAt > RELOAD_AT_MOST_EVERY_MS) await this.reload();
    return this.snapshot;
  }

  private reload(): Promise<void> {
    this.loading ??= this.load().finally(() => {
      this.loading = undefined;
    });
    return this.loading;
  }

  private async load(): Promise<void> {
    const loadedAt = performance.now();
    const all = await loadGatewayAccounts(this.database, this.credentials);
    const usable = new Map<string, RoutingAccount[]>();
    for (const account of all) {
      if (!account.enabled || !this.isComplete(account)) continue;
      const key = keyOf(account.merchantId ?? '', account.livemode);
      usable.set(key, [...(usable.get(key) ?? []), account]);
    }
    for (const accounts of usable.values()) accounts.sort(byPreference);
    this.snapshot = {
      loadedAt,
      all,
      byId: new Map(all.map((account) => [account.id, account])),
      byName: new Map(all.map((account) => [`${account.gateway}/${account.name}`, account])),
      usable,
    };
  }

  private isComplete(account: RoutingAccount): boolean {
    const adapter = this.adapters.get(account.gateway);
    const missing = adapter?.requiredCredentials.filter((name) => (account.credentials[name] ?? '') === '');
    const problem = account.credentialsProblem;
    if (problem === null && missing?.length === 0) return true;
    if (!this.warned.has(account.id)) {
      this.warned.add(account.id);
      const about = { gatewayAccountId: account.id, gateway: account.gateway };
      if (problem === null) this.logger.warn({ ...about, missing: missing ?? 'adapter' }, UNUSABLE);
      else this.logger.error({ ...about, credentials: problem }, UNUSABLE);
    }
    return false;
  }
}

function keyOf(merchantId: string, livemode: boolean): string {
  return `${livemode ? 'live' : 'test'} ${merchantId}`;
}

/** By priority; at the same priority a merchant's own account goes before the platform's, then the older. */
export function byPreference(a: RoutingAccount, b: RoutingAccount): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if ((a.merchantId === null) !== (b.merchantId === null)) return a.merchantId === null ? 1 : -1;
  return a.id < b.id ? -1 : 1;
}
