import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Pages } from './data-table.js';

/** In the address: filters are kept when one goes elsewhere and back, and can be sent to somebody. */
const CURSOR = 'after';

interface Filters<Key extends string> {
  readonly values: Readonly<Partial<Record<Key, string>>>;
  readonly after: string | undefined;
  readonly isFiltered: boolean;
  /** Shows the first page of what these let through. */
  set(values: Readonly<Partial<Record<Key, string | undefined>>>): void;
  clear(): void;
  /** @param last the id of the last row that is shown */
  pages(hasMore: boolean, last: string | undefined): Pages;
}

export function useFilters<Key extends string>(keys: readonly Key[]): Filters<Key> {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  return useMemo(() => {
    const textOf = (key: string): string | undefined => {
      const value = search[key];
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    const values = Object.fromEntries(
      keys.flatMap((key) => {
        const value = textOf(key);
        return value === undefined ? [] : [[key, value]];
      }),
    ) as Partial<Record<Key, string>>;
    const go = (next: Readonly<Record<string, string | undefined>>): void =>
      void navigate({ to: '.', search: { mode: search['mode'], ...next } });
    return {
      values,
      after: textOf(CURSOR),
      isFiltered: Object.keys(values).length > 0,
      set: (next) => go({ ...values, ...next }),
      clear: () => go({}),
      pages: (hasMore, last) => ({
        hasMore,
        isFirst: textOf(CURSOR) === undefined,
        onNext: () => go({ ...values, [CURSOR]: last }),
        onFirst: () => go({ ...values }),
      }),
    };
  }, [keys, search, navigate]);
}
