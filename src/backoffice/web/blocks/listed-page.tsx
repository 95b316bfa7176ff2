import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { answerOf } from '../api/client.js';
import { Async } from './async.js';
import { DataTable, type Column } from './data-table.js';
import type { useFilters } from './use-filters.js';
import { useWords } from '../i18n/i18n.js';

interface Listed<Row> {
  readonly data: readonly Row[];
  readonly has_more: boolean;
}

interface ListedPageProps<Row, Key extends string> {
  readonly label: string;
  readonly filters: ReturnType<typeof useFilters<Key>>;
  readonly columns: readonly Column<Row>[];
  /** What names this list among all that is asked for, with all that it is asked by. */
  readonly queryKey: readonly unknown[];
  readonly ask: (after: string | undefined, signal: AbortSignal) => Promise<{ readonly data: Listed<Row> }>;
  readonly empty: { readonly title: string; readonly hint: string };
  /** Where a list begins with a filter: whether it is another one. */
  readonly isFiltered?: boolean;
  /** What is said of the rows before them. */
  readonly above?: (rows: readonly Row[]) => ReactNode;
  /** While it says so, it is asked again. */
  readonly isUnderWay?: (rows: readonly Row[]) => boolean;
}

/** While something is under way it is looked at again, for as long as somebody may still be watching. */
const WATCHED = { tries: 100, everyMs: 3_000 };

/** One page of a list whose filters and cursor are in the address. */
export function ListedPage<Row extends { readonly id: string }, Key extends string>({
  label,
  filters: { after, pages, ...filters },
  columns,
  queryKey,
  ask,
  empty,
  isFiltered = filters.isFiltered,
  above,
  isUnderWay,
}: ListedPageProps<Row, Key>): ReactNode {
  const t = useWords();
  const list = useQuery({
    queryKey: [...queryKey, after],
    queryFn: ({ signal }) => answerOf(ask(after, signal)),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isUnderWay?.(state.data.data) === true && state.dataUpdateCount < WATCHED.tries
        ? WATCHED.everyMs
        : false,
  });
  return (
    <Async query={list}>
      {({ data, has_more: hasMore }) => (
        <>
          {above?.(data)}
          <DataTable
            label={label}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={isFiltered ? { title: t.common.nothingMatches, hint: '' } : empty}
            pages={pages(hasMore, data.at(-1)?.id)}
          />
        </>
      )}
    </Async>
  );
}
