import { useMemo } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { useMay } from '../api/session.js';
import { State } from '../blocks/badges.js';
import { ExportCsv } from '../blocks/export-csv.js';
import type { Column } from '../blocks/data-table.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor, LinkButton } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { sourcesSources, type ReconciliationSourceListed } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { useLivemode } from '../shell/mode.js';
import { ListFilters, optionsOf, type FilterField } from '../blocks/list-filters.js';

const FILTERS = ['status', 'kind', 'gateway_account'] as const;
type Filter = (typeof FILTERS)[number];
type Source = ReconciliationSourceListed;

const KINDS = ['listing', 'file', 'bank'] as const satisfies readonly Source['kind'][];
const STATES = ['staging', 'publishing', 'committed', 'abandoned'] as const satisfies readonly Source['status'][];

const COLOURS = {
  staging: 'waiting',
  publishing: 'waiting',
  committed: 'good',
  abandoned: 'bad',
} as const satisfies Readonly<Record<Source['status'], 'good' | 'bad' | 'waiting'>>;

export function SourceState({ status }: { readonly status: Source['status'] }) {
  const t = useWords();
  return <State is={COLOURS[status]}>{t.books.sources.states[status]}</State>;
}

/** From when until when a source has everything. */
export function Coverage({ from, to }: Pick<Source, 'from' | 'to'>) {
  const t = useWords();
  if (from === null || to === null) return <span>{t.books.sources.nowhere}</span>;
  return (
    <span>
      <Time at={from} /> – <Time at={to} />
    </span>
  );
}

/** Where lines came from: what gateways list, files of theirs, and statements of banks. */
export function Sources() {
  const t = useWords();
  const livemode = useLivemode();
  const mayManage = useMay('reconciliation', 'manage');
  const filters = useFilters(FILTERS);
  const { status, kind, ...others } = filters.values;
  const query = {
    livemode,
    ...given({
      ...others,
      status: STATES.find((each) => each === status),
      kind: KINDS.find((each) => each === kind),
    }),
  };
  return (
    <Page
      title={t.screens.sources}
      actions={
        <>
          <ExportCsv
            name="reconciliation_sources"
            ask={(cursor) => sourcesSources({ query: { ...query, ...csvAfter(cursor) }, parseAs: 'text' })}
          />
          {mayManage ? <LinkButton to="/sources/new">{t.books.sources.upload}</LinkButton> : null}
        </>
      }
    >
      <ListFilters filters={filters} fields={useSourceFields()} />
      <ListedPage
        label={t.screens.sources}
        filters={filters}
        columns={useSourceColumns()}
        queryKey={['sources', query]}
        ask={(after, signal) => sourcesSources({ query: { ...query, ...given({ starting_after: after }) }, signal })}
        empty={{ title: t.books.sources.empty, hint: t.books.sources.emptyHint }}
      />
    </Page>
  );
}

function useSourceFields(): readonly FilterField<Filter>[] {
  const t = useWords();
  return useMemo(() => {
    const { kinds, states, kind } = t.books.sources;
    return [
      { name: 'status', label: t.common.status, as: 'select', options: optionsOf(t.payments.any, STATES, states) },
      { name: 'kind', label: kind, as: 'select', options: optionsOf(t.payments.any, KINDS, kinds) },
      { name: 'gateway_account', label: t.reconciliation.gatewayAccount, as: 'account' },
    ];
  }, [t]);
}

function useSourceColumns(): readonly Column<Source>[] {
  const t = useWords();
  const language = useLanguage();
  return useMemo(() => {
    const { sources } = t.books;
    return [
      {
        id: 'name',
        header: sources.name,
        cell: ({ id, name }) => (
          <LinkAnchor to={`/sources/${id}`} className="wraps">
            {name}
          </LinkAnchor>
        ),
      },
      { id: 'kind', header: sources.kind, cell: ({ kind }) => sources.kinds[kind] },
      { id: 'gateway', header: t.payments.gateway, cell: ({ gateway }) => gateway ?? t.common.none },
      { id: 'status', header: t.common.status, cell: ({ status }) => <SourceState status={status} /> },
      { id: 'coverage', header: sources.coverage, cell: ({ from, to }) => <Coverage from={from} to={to} /> },
      {
        id: 'lines',
        header: sources.lines,
        align: 'right',
        cell: ({ lines }) => formatNumber(language, lines),
      },
      {
        id: 'new',
        header: sources.newLines,
        align: 'right',
        cell: (source) => formatNumber(language, source.new_lines),
      },
      { id: 'created', header: t.common.created, cell: (source) => <Time at={source.created_at} /> },
    ];
  }, [t, language]);
}
