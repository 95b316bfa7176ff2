import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { useMay } from '../api/session.js';
import { State } from '../blocks/badges.js';
import { ExportCsv } from '../blocks/export-csv.js';
import type { Column } from '../blocks/data-table.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { reconciliationRuns, type ReconciliationRun } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { useLivemode } from '../shell/mode.js';
import { ListFilters, optionsOf, type FilterField } from '../blocks/list-filters.js';
import { StartRun } from './reconciliation-run-start.js';

const FILTERS = ['status', 'gateway_account'] as const;
type Filter = (typeof FILTERS)[number];

const STATES = [
  'waiting',
  'queued',
  'running',
  'succeeded',
  'failed',
  'canceled',
] as const satisfies readonly ReconciliationRun['status'][];

const COLOURS = {
  waiting: 'waiting',
  queued: 'waiting',
  running: 'waiting',
  succeeded: 'good',
  failed: 'bad',
  canceled: 'plain',
} as const satisfies Readonly<Record<ReconciliationRun['status'], 'good' | 'bad' | 'waiting' | 'plain'>>;

export const isGoingOn = ({ status }: Pick<ReconciliationRun, 'status'>): boolean => COLOURS[status] === 'waiting';

export function RunState({ status }: { readonly status: ReconciliationRun['status'] }) {
  const t = useWords();
  return <State is={COLOURS[status]}>{t.books.runs.states[status]}</State>;
}

/** Comparisons of a gateway account over a window of time. */
export function ReconciliationRuns() {
  const t = useWords();
  const livemode = useLivemode();
  const mayManage = useMay('reconciliation', 'manage');
  const [isStarting, setStarting] = useState(false);
  const filters = useFilters(FILTERS);
  const { status, ...others } = filters.values;
  const query = { livemode, ...given({ ...others, status: STATES.find((each) => each === status) }) };
  return (
    <Page
      title={t.screens.reconciliationRuns}
      actions={
        <>
          <ExportCsv
            name="reconciliation_runs"
            ask={(cursor) => reconciliationRuns({ query: { ...query, ...csvAfter(cursor) }, parseAs: 'text' })}
          />
          {mayManage ? <Button onClick={() => setStarting(true)}>{t.books.runs.start}</Button> : null}
        </>
      }
    >
      <ListFilters filters={filters} fields={useRunFields()} />
      <ListedPage
        label={t.screens.reconciliationRuns}
        filters={filters}
        columns={useRunColumns()}
        queryKey={['reconciliation-runs', query]}
        ask={(after, signal) =>
          reconciliationRuns({ query: { ...query, ...given({ starting_after: after }) }, signal })
        }
        empty={{ title: t.books.runs.empty, hint: t.books.runs.emptyHint }}
        isUnderWay={(rows) => rows.some(isGoingOn)}
      />
      {isStarting ? <StartRun onClose={() => setStarting(false)} /> : null}
    </Page>
  );
}

function useRunFields(): readonly FilterField<Filter>[] {
  const t = useWords();
  return useMemo(
    () => [
      {
        name: 'status',
        label: t.common.status,
        as: 'select',
        options: optionsOf(t.payments.any, STATES, t.books.runs.states),
      },
      { name: 'gateway_account', label: t.reconciliation.gatewayAccount, as: 'account' },
    ],
    [t],
  );
}

function useRunColumns(): readonly Column<ReconciliationRun>[] {
  const t = useWords();
  const language = useLanguage();
  return useMemo(
    () => [
      {
        id: 'window',
        header: t.books.window,
        cell: ({ id, from, to }) => (
          <LinkAnchor to={`/reconciliation-runs/${id}`}>
            <Time at={from} /> – <Time at={to} />
          </LinkAnchor>
        ),
      },
      { id: 'gateway', header: t.payments.gateway, cell: ({ gateway }) => gateway },
      {
        id: 'account',
        header: t.reconciliation.gatewayAccount,
        cell: ({ gateway_account: account }) => <IdLink>{account}</IdLink>,
      },
      { id: 'status', header: t.common.status, cell: ({ status }) => <RunState status={status} /> },
      {
        id: 'matched',
        header: t.books.runs.count.matched,
        align: 'right',
        cell: ({ counts }) => formatNumber(language, counts.matched),
      },
      {
        id: 'opened',
        header: t.books.runs.found,
        align: 'right',
        cell: ({ id, counts }) => (
          <LinkAnchor to="/breaks" search={{ run: id, status: 'all' }}>
            {formatNumber(language, counts.opened)}
          </LinkAnchor>
        ),
      },
      { id: 'created', header: t.common.created, cell: (run) => <Time at={run.created_at} /> },
    ],
    [t, language],
  );
}
