import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
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
import type { AdminDisbursementsListRefundsData } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode, type Mode } from '../shell/mode.js';
import { PAYMENT_FILTERS, PaymentFilters } from './payment-filters.js';
import { MONEY_OUT_STATUSES, RefundStatus, type PayoutFound, type RefundFound } from './payment-words.js';
import { SoFar } from './so-far.js';

type Values = Readonly<Partial<Record<(typeof PAYMENT_FILTERS)[number], string>>>;
type Query = AdminDisbursementsListRefundsData['query'];
type MoneyOut = RefundFound | PayoutFound;

/** As many as the API shows where nobody says how many. */
const PAGE = 20;

const minorOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** What the address asks for; what it says that cannot be is left out. */
function queryOf(mode: Mode, { status, amount_from: from, amount_to: to, ...values }: Values): Query {
  return {
    livemode: mode === 'live' ? 'true' : 'false',
    ...given({
      ...values,
      status: MONEY_OUT_STATUSES.find((each) => each === status),
      amount_from: minorOf(from),
      amount_to: minorOf(to),
    }),
  };
}

interface MoneyOutProps<Row extends MoneyOut> {
  /** Also of the file. */
  readonly name: 'refunds' | 'payouts';
  readonly title: string;
  readonly empty: { readonly title: string; readonly hint: string };
  /** Before those that both have. */
  readonly columns: readonly Column<Row>[];
  readonly list: (
    query: Query,
    signal: AbortSignal,
  ) => Promise<{
    readonly data: { readonly data: readonly Row[]; readonly has_more: boolean; readonly next: string | null };
  }>;
  readonly csv: (query: Query) => ReturnType<Parameters<typeof ExportCsv>[0]['ask']>;
}

/** Refunds, or payouts, of all merchants, found by whatever names one. */
export function MoneyOutList<Row extends MoneyOut>({ name, title, empty, columns, list, csv }: MoneyOutProps<Row>) {
  const t = useWords();
  const mode = useMode();
  const filters = useFilters(PAYMENT_FILTERS);
  const { values, after, pages, isFiltered } = filters;
  const query = queryOf(mode, values);
  const found = useQuery({
    queryKey: [name, query, after],
    queryFn: ({ signal }) => answerOf(list({ ...query, ...given({ starting_after: after }) }, signal)),
  });
  const all = useColumns(columns);
  return (
    <Page title={title} actions={<ExportCsv name={name} ask={(cursor) => csv({ ...query, ...csvAfter(cursor) })} />}>
      <PaymentFilters
        key={JSON.stringify(values)}
        filters={filters}
        statuses={MONEY_OUT_STATUSES.map((value) => ({ value, label: t.payments.moneyOut[value] }))}
      />
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

function useColumns<Row extends MoneyOut>(own: readonly Column<Row>[]): readonly Column<Row>[] {
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
      { id: 'status', header: t.common.status, cell: ({ status }) => <RefundStatus status={status} /> },
      { id: 'gateway', header: t.payments.gateway, cell: ({ gateway }) => gateway ?? t.common.none },
      { id: 'merchant', header: t.payments.merchant, cell: ({ merchant }) => <IdLink>{merchant}</IdLink> },
      { id: 'created', header: t.common.created, cell: (row) => <Time at={row.created_at} /> },
    ],
    [t, own],
  );
}
