/** Keeps what is on the screen as it is on the server: told where something has happened, it asks there again. */
import type { Query, QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { signal } from '../api/signal.js';
import { queryClient } from './query-client.js';

const ADDRESS = '/admin/v1/live';
/** However much happens, the screen is brought up to date no oftener. */
const REFRESH_EVERY_MS = 2_000;
/** Where the stream cannot be had, everything is asked for again this often, and the stream too. */
const WITHOUT_STREAM_MS = 30_000;
const CHOSEN_AS = 'sankofa.live';

/** In which modules what is asked for under such a key may change. What is not here is as old as it was asked for. */
const MODULES_OF: Readonly<Record<string, readonly string[]>> = {
  payments: ['payments'],
  payment: ['payments'],
  refunds: ['payments'],
  refund: ['payments'],
  payouts: ['payments'],
  payout: ['payments'],
  gateways: ['routing'],
  cases: ['routing'],
  'gateway-webhooks': ['routing'],
  'ledger-account': ['ledger'],
  'ledger-statement': ['ledger'],
  messages: ['notification'],
  message: ['notification'],
  breaks: ['reconciliation'],
  break: ['reconciliation'],
  resolutions: ['reconciliation'],
  resolution: ['reconciliation'],
  'reconciliation-runs': ['reconciliation'],
  'reconciliation-run': ['reconciliation'],
  sources: ['reconciliation'],
  settlements: ['reconciliation'],
  safeguarding: ['reconciliation'],
  routed: ['routing'],
  'rule-sets': ['routing'],
  booked: ['ledger'],
  // That something was delivered is no event; that there is something to tell is.
  told: ['payments', 'notification'],
  'webhook-deliveries': ['payments', 'notification'],
  reconciled: ['payments', 'routing', 'reconciliation'],
  approvals: ['auth'],
  approval: ['auth'],
  merchants: ['auth'],
  invitations: ['auth'],
};

/** Whether somebody wants the screen to change by itself: it may be switched off (WCAG 2.2.2). */
export const isLive = signal(localStorage.getItem(CHOSEN_AS) !== 'off');

export function chooseLive(on: boolean): void {
  localStorage.setItem(CHOSEN_AS, on ? 'on' : 'off');
  isLive.set(on);
}

/** Whether what is asked for under that key may have changed. @param modules undefined: any of them */
function mayDiffer({ queryKey: [first] }: Pick<Query, 'queryKey'>, modules: ReadonlySet<string> | undefined): boolean {
  const own = MODULES_OF[String(first)] ?? [];
  return modules === undefined ? own.length > 0 : own.some((module) => modules.has(module));
}

/** Below the frame: as long as somebody is signed in, wants it, and looks at this window. */
export function useLive(): void {
  const wanted = useSyncExternalStore(isLive.subscribe, isLive.read);
  useEffect(() => {
    if (!wanted) return undefined;
    const follower = new Follower(queryClient);
    const onVisible = (): void => (document.visibilityState === 'visible' ? follower.begin() : follower.rest());
    onVisible();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      follower.rest();
    };
  }, [wanted]);
}

/** A browser has six connections to a host for all its windows: one that nobody looks at keeps none. */
class Follower {
  private stream: EventSource | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private refresh: ReturnType<typeof setTimeout> | undefined;
  private readonly changed = new Set<string>();

  constructor(private readonly queries: QueryClient) {}

  begin(): void {
    if (this.stream !== undefined) return;
    const stream = new EventSource(ADDRESS);
    this.stream = stream;
    let isFirst = true;
    stream.addEventListener('open', () => {
      // Whatever happened while it was away was not told.
      if (!isFirst) this.renew(undefined);
      isFirst = false;
    });
    stream.addEventListener('changed', (event) => {
      for (const module of modulesIn(event.data)) this.changed.add(module);
      this.refresh ??= setTimeout(() => this.renewChanged(), REFRESH_EVERY_MS);
    });
    stream.addEventListener('over', () => this.rest());
    stream.addEventListener('error', () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      this.rest();
      this.again = setTimeout(() => {
        this.renew(undefined);
        this.begin();
      }, WITHOUT_STREAM_MS);
    });
  }

  rest(): void {
    this.stream?.close();
    this.stream = undefined;
    clearTimeout(this.again);
    clearTimeout(this.refresh);
    this.refresh = undefined;
    this.changed.clear();
  }

  private renewChanged(): void {
    this.refresh = undefined;
    const modules = new Set(this.changed);
    this.changed.clear();
    this.renew(modules);
  }

  private renew(modules: ReadonlySet<string> | undefined): void {
    void this.queries.invalidateQueries({ predicate: (query) => mayDiffer(query, modules) });
  }
}

function modulesIn(data: unknown): readonly string[] {
  const { modules } = JSON.parse(String(data)) as { readonly modules: readonly string[] };
  return modules;
}
