import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { IdLink } from '../blocks/id-link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { useWords } from '../i18n/i18n.js';
import { useMode, type Mode } from '../shell/mode.js';
import { PAYMENT_FILTERS, PaymentFilters } from './payment-filters.js';
import { SoFar } from './so-far.js';

/** As many as the API shows where nobody says how many. */
const PAGE = 20;

const minorOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

type Values = Readonly<Partial<Record<(typeof PAYMENT_FILTERS)[number], string>>>;

/** What the address asks for; what it says that cannot be is left out. */
function queryOf<Status extends string>(
  mode: Mode,
  { status, amount_from: from, amount_to: to, ...values }: Values,
  statuses: readonly Status[],
) {
  return {
    livemode: mode === 'live' ? ('true' as const) : ('false' as const),
    ...given({
      ...values,
      status: statuses.find((each) => each === status),
      amount_from: minorOf(from),
      amount_to: minorOf(to),
    }),
  };
}

export type SearchQuery<Status extends string> = ReturnType<typeof queryOf<Status>>;

/** What payments, refunds and payouts have in common. */
interface Searched {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly gateway: string | null;
  readonly merchant: string;
  readonly created_at: string;
}

interface SearchedListProps<Row extends Searched, Status extends string> {
  /** Also of the file. */
  readonly name: 'payments' | 'refunds' | 'payouts';
  readonly title: string;
  readonly empty: { readonly title: string; readonly hint: string };
  /** By which they may be filtered, and how each is called. */
  readonly statuses: Readonly<Record<Status, string>>;
  /** What names one, and then what all have; between them how it stands. */
  readonly columns: readonly Column<Row>[];
  readonly status: (row: Row) => ReactNode;
  readonly list: (
    query: SearchQuery<Status>,
    signal: AbortSignal,
  ) => Promise<{
    readonly data: { readonly data: readonly Row[]; readonly has_more: boolean; readonly next: string | null };
  }>;
  readonly csv: (query: SearchQuery<Status>) => ReturnType<Parameters<typeof ExportCsv>[0]['ask']>;
}

/** Payments, refunds or payouts of all merchants, found by whatever names one. */
export function SearchedList<Row extends Searched, Status extends string>({
  name,
  title,
  empty,
  statuses,
  columns,
  status,
  list,
  csv,
}: SearchedListProps<Row, Status>) {
  const t = useWords();
  const mode = useMode();
  const filters = useFilters(PAYMENT_FILTERS);
  const { values, after, pages, isFiltered } = filters;
  const query = queryOf(mode, values, Object.keys(statuses) as Status[]);
  const found = useQuery({
    queryKey: [name, query, after],
    queryFn: ({ signal }) => answerOf(list({ ...query, ...given({ starting_after: after }) }, signal)),
  });
  const all = useColumns(columns, status);
  return (
    <Page title={title} actions={<ExportCsv name={name} ask={(cursor) => csv({ ...query, ...csvAfter(cursor) })} />}>
      <PaymentFilters filters={filters} statuses={statuses} />
      <Async query={found}>
        {({ data, has_more: hasMore, next }) => {
          const paging = pages(hasMore, next ?? undefined);
          const isShort = hasMore && data.length < PAGE;
          return (
            <>
              {isShort && data.length === 0 ? null : (
                <DataTable
                  label={title}
                  columns={all}
                  rows={data}
                  rowKey={({ id }) => id}
                  empty={isFiltered ? { title: t.common.nothingMatches, hint: '' } : empty}
                  pages={{ ...paging, hasMore: hasMore && !isShort }}
                />
              )}
              {isShort ? <SoFar onGoOn={paging.onNext} /> : null}
            </>
          );
        }}
      </Async>
    </Page>
  );
}

function useColumns<Row extends Searched>(
  own: readonly Column<Row>[],
  status: (row: Row) => ReactNode,
): readonly Column<Row>[] {
  const t = useWords();
  return useMemo(
    () => [
      ...own,
      {
        id: 'amount',
        header: t.payments.amount,
        align: 'right',
        cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
      },
      { id: 'status', header: t.common.status, cell: status },
      { id: 'gateway', header: t.payments.gateway, cell: ({ gateway }) => gateway ?? t.common.none },
      { id: 'merchant', header: t.payments.merchant, cell: ({ merchant }) => <IdLink>{merchant}</IdLink> },
      { id: 'created', header: t.common.created, cell: (row) => <Time at={row.created_at} /> },
    ],
    [t, own, status],
  );
}
