import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { given } from '../api/client.js';
import { Amount } from '../blocks/amount.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { useFilters } from '../blocks/use-filters.js';
import { reportsList, type ReconciliationReport } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { useLivemode } from '../shell/mode.js';
import { ListFilters, type FilterField } from '../blocks/list-filters.js';

const FILTERS = ['day', 'gateway_account'] as const;
type Filter = (typeof FILTERS)[number];
type Figure = ReconciliationReport['figures'][number];

const DAY_MS = 86_400_000;

/** What each day came to at each gateway account: what we say, what of it was matched, and what the gateway says. */
export function ReconciliationReports() {
  const t = useWords();
  const livemode = useLivemode();
  const filters = useFilters(FILTERS);
  const query = { livemode, ...given(filters.values) };
  return (
    <Page
      title={t.screens.reconciliationReports}
      actions={
        <ExportCsv
          name="reconciliation-reports"
          ask={(cursor) =>
            reportsList({ query: { ...query, format: 'csv', ...given({ starting_after: cursor }) }, parseAs: 'text' })
          }
        />
      }
    >
      <ListFilters filters={filters} fields={useReportFields()} />
      <ListedPage
        label={t.screens.reconciliationReports}
        filters={filters}
        columns={useReportColumns()}
        queryKey={['reconciliation-reports', query]}
        ask={(after, signal) => reportsList({ query: { ...query, ...given({ starting_after: after }) }, signal })}
        empty={{ title: t.books.reports.empty, hint: t.books.reports.emptyHint }}
      />
    </Page>
  );
}

function useReportFields(): readonly FilterField<Filter>[] {
  const t = useWords();
  return useMemo(
    () => [
      { name: 'day', label: t.books.reports.day, as: 'day' },
      { name: 'gateway_account', label: t.reconciliation.gatewayAccount, as: 'account' },
    ],
    [t],
  );
}

function useReportColumns(): readonly Column<ReconciliationReport>[] {
  const t = useWords();
  return useMemo(() => {
    const { reports } = t.books;
    const sums = (name: 'ours' | 'matched' | 'theirs'): Column<ReconciliationReport> => ({
      id: name,
      header: reports[name],
      align: 'right',
      cell: ({ figures }) => <Figures figures={figures} of={name} />,
    });
    return [
      { id: 'day', header: reports.day, cell: ({ day, run }) => <RunOfDay day={day} run={run} /> },
      {
        id: 'gateway',
        header: t.payments.gateway,
        cell: ({ gateway, gateway_account: account }) => (
          <Stack gap={0}>
            <Text size="sm">{gateway}</Text>
            <IdLink>{account}</IdLink>
          </Stack>
        ),
      },
      {
        id: 'kind',
        header: reports.kind,
        cell: ({ figures }) =>
          figures.length === 0 ? (
            reports.nothingMoved
          ) : (
            <Stack gap={0}>
              {figures.map(({ kind, currency }) => (
                <Text key={`${kind} ${currency}`} size="sm">
                  {t.reconciliation.breaks.recordKinds[kind]}
                </Text>
              ))}
            </Stack>
          ),
      },
      sums('ours'),
      sums('matched'),
      sums('theirs'),
      { id: 'fees', header: reports.fees, align: 'right', cell: ({ figures }) => <Fees figures={figures} /> },
      { id: 'breaks', header: reports.breaks, cell: (report) => <BreaksOfDay report={report} /> },
    ];
  }, [t]);
}

function RunOfDay({ day, run }: { readonly day: string; readonly run: string }) {
  return <LinkAnchor to={`/reconciliation-runs/${run}`}>{day}</LinkAnchor>;
}

/** A line for each kind and currency, as in the column of kinds. */
function Figures({ figures, of }: { readonly figures: readonly Figure[]; readonly of: 'ours' | 'matched' | 'theirs' }) {
  const language = useLanguage();
  return (
    <Stack gap={0}>
      {figures.map((figure) => (
        <Text key={`${figure.kind} ${figure.currency}`} size="sm">
          <Amount minor={figure[of].amount} currency={figure.currency} /> ({formatNumber(language, figure[of].count)})
        </Text>
      ))}
    </Stack>
  );
}

function Fees({ figures }: { readonly figures: readonly Figure[] }) {
  return (
    <Stack gap={0}>
      {figures.map(({ kind, currency, ours, theirs }) => (
        <Text key={`${kind} ${currency}`} size="sm">
          <Amount minor={ours.fee} currency={currency} /> / <Amount minor={theirs.fee} currency={currency} />
        </Text>
      ))}
    </Stack>
  );
}

/** As many as there were when the day was written down; the list behind it says what has become of them. */
function BreaksOfDay({ report }: { readonly report: ReconciliationReport }) {
  const t = useWords();
  const language = useLanguage();
  const sum = (which: 'open' | 'closed'): string =>
    formatNumber(
      language,
      report.breaks.reduce((total, each) => total + each[which], 0),
    );
  const from = new Date(`${report.day}T00:00:00Z`);
  const search = {
    gateway_account: report.gateway_account,
    status: 'all',
    occurred_from: from.toISOString(),
    occurred_to: new Date(from.getTime() + DAY_MS).toISOString(),
  };
  return (
    <LinkAnchor to="/breaks" search={search} size="sm">
      {t.books.reports.openBreaks({ count: sum('open') })}, {t.books.reports.closedBreaks({ count: sum('closed') })}
    </LinkAnchor>
  );
}
