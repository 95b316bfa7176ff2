import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { State } from '../blocks/badges.js';
import { ExportCsv } from '../blocks/export-csv.js';
import type { Column } from '../blocks/data-table.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { safeguardingChecksAsk, safeguardingChecksList, type SafeguardingCheck } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode } from '../shell/mode.js';
import { ListFilters, optionsOf, type FilterField } from '../blocks/list-filters.js';

const FILTERS = ['status'] as const;
type Filter = (typeof FILTERS)[number];

export type Coverage = SafeguardingCheck['coverage'][number];

const STATES = ['waiting', 'judged', 'failed'] as const satisfies readonly SafeguardingCheck['status'][];
const COLOURS = { waiting: 'waiting', judged: 'plain', failed: 'bad' } as const;
const COVERAGE_COLOURS = { covered: 'good', unproved: 'waiting', short: 'bad' } as const;

export function CheckState({ status }: { readonly status: SafeguardingCheck['status'] }) {
  const t = useWords();
  return <State is={COLOURS[status]}>{t.books.safeguarding.states[status]}</State>;
}

export function CoverageState({ coverage: { status } }: { readonly coverage: Coverage }) {
  const t = useWords();
  return <State is={COVERAGE_COLOURS[status]}>{t.books.safeguarding.coverageStates[status]}</State>;
}

/** Whether what gateways and banks hold covers what merchants and customers are owed. */
export function Safeguarding() {
  const t = useWords();
  const mayManage = useMay('reconciliation', 'manage');
  const filters = useFilters(FILTERS);
  const query = given({ status: STATES.find((each) => each === filters.values.status) });
  return (
    <Page
      title={t.screens.safeguarding}
      actions={
        <>
          <ExportCsv
            name="safeguarding_checks"
            ask={(cursor) => safeguardingChecksList({ query: { ...query, ...csvAfter(cursor) }, parseAs: 'text' })}
          />
          {mayManage ? <Ask /> : null}
        </>
      }
    >
      <ListFilters filters={filters} fields={useCheckFields()} />
      <ListedPage
        label={t.screens.safeguarding}
        filters={filters}
        columns={useCheckColumns()}
        queryKey={['safeguarding', query]}
        ask={(after, signal) =>
          safeguardingChecksList({ query: { ...query, ...given({ starting_after: after }) }, signal })
        }
        empty={{ title: t.books.safeguarding.empty, hint: t.books.safeguarding.emptyHint }}
        isUnderWay={(rows) => rows.some(({ status }) => status === 'waiting')}
      />
    </Page>
  );
}

function Ask() {
  const t = useWords();
  const queries = useQueryClient();
  const asked = useMutation({
    mutationFn: () => answerOf(safeguardingChecksAsk()),
    onSuccess: () => {
      announce(t.books.safeguarding.asked);
      return queries.invalidateQueries({ queryKey: ['safeguarding'] });
    },
  });
  return (
    <>
      <Button loading={asked.isPending} onClick={() => asked.mutate()}>
        {t.books.safeguarding.ask}
      </Button>
      <ProblemAlert error={asked.error} />
    </>
  );
}

function useCheckFields(): readonly FilterField<Filter>[] {
  const t = useWords();
  return useMemo(
    () => [
      {
        name: 'status',
        label: t.common.status,
        as: 'select',
        options: optionsOf(t.payments.any, STATES, t.books.safeguarding.states),
      },
    ],
    [t],
  );
}

function useCheckColumns(): readonly Column<SafeguardingCheck>[] {
  const t = useWords();
  const isLive = useMode() === 'live';
  return useMemo(() => {
    const { safeguarding } = t.books;
    return [
      {
        id: 'check',
        header: safeguarding.check,
        cell: (check) => (
          <LinkAnchor to={`/safeguarding/${check.id}`}>
            <Time at={check.created_at} />
          </LinkAnchor>
        ),
      },
      { id: 'status', header: t.common.status, cell: ({ status }) => <CheckState status={status} /> },
      {
        id: 'result',
        header: safeguarding.result,
        cell: ({ coverage, problem }) => (
          <Group gap="xs">
            {coverage
              .filter(({ livemode }) => livemode === isLive)
              .map((each) => (
                <span key={each.currency}>
                  {each.currency} <CoverageState coverage={each} />
                </span>
              ))}
            {problem}
          </Group>
        ),
      },
      {
        id: 'by',
        header: safeguarding.askedBy,
        cell: ({ requested_by: by }) => (by === null ? safeguarding.byTheClock : <IdLink>{by}</IdLink>),
      },
      { id: 'ended', header: safeguarding.ended, cell: (check) => <Time at={check.closed_at} /> },
    ];
  }, [t, isLive]);
}
