import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { IdLink } from '../blocks/id-link.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { adminPaymentsList, type AdminPaymentsListData } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode, type Mode } from '../shell/mode.js';
import { PAYMENT_FILTERS, PaymentFilters } from './payment-filters.js';
import { PAYMENT_STATUSES, PaymentStatus, useMethodName, type Payment } from './payment-words.js';
import { SoFar } from './so-far.js';

type Values = Readonly<Partial<Record<(typeof PAYMENT_FILTERS)[number], string>>>;
type Query = AdminPaymentsListData['query'];

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
      status: PAYMENT_STATUSES.find((each) => each === status),
      amount_from: minorOf(from),
      amount_to: minorOf(to),
    }),
  };
}

/** Payments of all merchants, found by whatever names one. */
export function Payments() {
  const t = useWords();
  const mode = useMode();
  const filters = useFilters(PAYMENT_FILTERS);
  const { values, after, pages, isFiltered } = filters;
  const query = queryOf(mode, values);
  const payments = useQuery({
    queryKey: ['payments', query, after],
    queryFn: ({ signal }) =>
      answerOf(adminPaymentsList({ query: { ...query, ...given({ starting_after: after }) }, signal })),
  });
  const columns = usePaymentColumns();
  return (
    <Page
      title={t.screens.payments}
      actions={
        <ExportCsv
          name="payments"
          ask={(cursor) =>
            adminPaymentsList({
              query: { ...query, ...csvAfter(cursor) },
              parseAs: 'text',
            })
          }
        />
      }
    >
      <PaymentFilters key={JSON.stringify(values)} filters={filters} />
      <Async query={payments}>
        {({ data, has_more: hasMore, next }) => {
          const paging = pages(hasMore, next ?? undefined);
          const isShort = hasMore && data.length < PAGE;
          return (
            <>
              {isShort && data.length === 0 ? null : (
                <DataTable
                  label={t.screens.payments}
                  columns={columns}
                  rows={data}
                  rowKey={({ id }) => id}
                  empty={
                    isFiltered
                      ? { title: t.common.nothingMatches, hint: '' }
                      : { title: t.payments.empty, hint: t.payments.emptyHint }
                  }
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

function usePaymentColumns(): readonly Column<Payment>[] {
  const t = useWords();
  const methodName = useMethodName();
  return useMemo(
    () => [
      {
        id: 'reference',
        header: t.payments.reference,
        cell: ({ id, reference }) => (
          <LinkAnchor to={`/payments/${id}`} className="wraps">
            {reference}
          </LinkAnchor>
        ),
      },
      {
        id: 'amount',
        header: t.payments.amount,
        align: 'right',
        cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
      },
      { id: 'status', header: t.common.status, cell: ({ status }) => <PaymentStatus status={status} /> },
      { id: 'method', header: t.payments.method, cell: ({ method }) => methodName(method) },
      { id: 'gateway', header: t.payments.gateway, cell: ({ gateway }) => gateway ?? t.common.none },
      { id: 'merchant', header: t.payments.merchant, cell: ({ merchant }) => <IdLink>{merchant}</IdLink> },
      { id: 'created', header: t.common.created, cell: (payment) => <Time at={payment.created_at} /> },
    ],
    [t, methodName],
  );
}
