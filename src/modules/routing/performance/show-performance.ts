/** How performance is shown: figures by account, and as a series without gaps. */
import type { NameAccount } from '../reason.js';
import type { FiguresRow, Performance } from './performance.store.js';
import type { Window } from './performance-window.js';

type Figures = Omit<FiguresRow, 'account' | 'bucket'>;

const NOTHING: Figures = {
  attempts: 0,
  succeeded: 0,
  failed: 0,
  refused: 0,
  unknown: 0,
  in_flight: 0,
  p50_seconds: null,
  p95_seconds: null,
};

function figuresOf(row: FiguresRow | undefined): Figures {
  const { attempts, succeeded, failed, refused, unknown, in_flight, p50_seconds, p95_seconds } = row ?? NOTHING;
  return { attempts, succeeded, failed, refused, unknown, in_flight, p50_seconds, p95_seconds };
}

/** @param accountIds whose figures are wanted: of the ones that were not tried, they are nothing */
export function shownAccounts(
  { figures, errors }: Performance,
  accountIds: readonly string[],
  window: Pick<Window, 'startsMs'>,
  name: NameAccount,
  withSeries: boolean,
): readonly Record<string, unknown>[] {
  const byAccount = new Map<string, Map<number | null, FiguresRow>>();
  for (const row of figures) {
    const rows = byAccount.get(row.account) ?? new Map<number | null, FiguresRow>();
    byAccount.set(row.account, rows.set(row.bucket, row));
  }
  return accountIds.map((id) => ({
    ...name(id),
    ...figuresOf(byAccount.get(id)?.get(null)),
    errors: errors
      .filter(({ account }) => account === id)
      .map(({ code, blame, status, count }) => ({ code, blame, status, count })),
    series: withSeries
      ? window.startsMs.map((start, bucket) => ({
          at: new Date(start).toISOString(),
          ...figuresOf(byAccount.get(id)?.get(bucket)),
        }))
      : [],
  }));
}
