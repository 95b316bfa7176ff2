import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { useMay } from '../api/session.js';
import { Amount } from '../blocks/amount.js';
import { announce } from '../blocks/announcements.js';
import { ModeBadge } from '../blocks/badges.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { approvalsList, inboundAdminCheck, routingAdminCases, type RoutingCase } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { CaseFilters, CASE_FILTERS } from './case-filters.js';
import { CaseState, isCaseStatus, useAge } from './case-words.js';
import { DecideCase } from './case-decide.js';

/** As many as the API gives at once: those of a hundred cases that wait are shown where they stand. */
const MAX_WAITING = 100;

const subjectOf = (row: RoutingCase): string => row.payment_id ?? row.refund_id ?? row.payout_id ?? '';

/** Attempts of which nobody knows how they ended. They are asked about, or decided by two people. */
export function Cases() {
  const t = useWords();
  const filters = useFilters(CASE_FILTERS);
  const { values } = filters;
  const { status, all, ...others } = values;
  const query = given({
    ...others,
    status: isCaseStatus(status) ? status : undefined,
    opened: all === 'true' ? undefined : ('true' as const),
  });
  const [decided, setDecided] = useState<RoutingCase>();
  const columns = useCaseColumns(setDecided);
  return (
    <Page
      title={t.screens.cases}
      actions={
        <ExportCsv
          name="cases"
          ask={(cursor) =>
            routingAdminCases({
              query: { ...query, format: 'csv', ...given({ starting_after: cursor }) },
              parseAs: 'text',
            })
          }
        />
      }
    >
      <Text size="sm">{t.gateways.cases.intro}</Text>
      <CaseFilters filters={filters} />
      <ListedPage
        label={t.screens.cases}
        filters={filters}
        columns={columns}
        queryKey={['cases', query]}
        ask={(after, signal) => routingAdminCases({ query: { ...query, ...given({ starting_after: after }) }, signal })}
        empty={{ title: t.gateways.cases.empty, hint: t.gateways.cases.emptyHint }}
      />
      {decided === undefined ? null : <DecideCase of={decided} onClose={() => setDecided(undefined)} />}
    </Page>
  );
}

function useCaseColumns(onDecide: (row: RoutingCase) => void): readonly Column<RoutingCase>[] {
  const t = useWords();
  const ageOf = useAge();
  const waiting = useWaiting();
  const mayManage = useMay('routing', 'manage');
  return useMemo(() => {
    const words = t.gateways.cases;
    const columns: readonly Column<RoutingCase>[] = [
      {
        id: 'subject',
        header: words.subject,
        cell: (row) => (
          <Stack gap={2} align="flex-start">
            <Group gap={6}>
              {t.gateways.kinds[row.kind]} <ModeBadge livemode={row.livemode} />
            </Group>
            <IdLink>{subjectOf(row)}</IdLink>
          </Stack>
        ),
      },
      {
        id: 'amount',
        header: t.payments.amount,
        align: 'right',
        cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
      },
      {
        id: 'gateway',
        header: t.gateways.gateway,
        cell: (row) => (
          <Stack gap={2}>
            <span>
              {row.gateway}/{row.gateway_account}
            </span>
            <Id>{row.reference}</Id>
          </Stack>
        ),
      },
      { id: 'state', header: t.common.status, cell: (row) => <CaseState of={row} /> },
      {
        id: 'age',
        header: words.age,
        cell: (row) => (
          <Stack gap={2}>
            <span>{ageOf(row.sent_at ?? row.created_at)}</span>
            <Text size="xs" component="span">
              <Time at={row.sent_at ?? row.created_at} />
            </Text>
          </Stack>
        ),
      },
      { id: 'asked', header: words.asked, cell: (row) => <Questions of={row} /> },
    ];
    if (!mayManage) return columns;
    const actions: Column<RoutingCase> = {
      id: 'actions',
      header: t.common.actions,
      cell: (row) => <Actions of={row} approval={waiting.get(row.id)} onDecide={onDecide} />,
    };
    return [...columns, actions];
  }, [t, ageOf, waiting, mayManage, onDecide]);
}

function Questions({ of: row }: { readonly of: RoutingCase }) {
  const { cases: words } = useWords().gateways;
  return (
    <Stack gap={2}>
      <span>{words.askedTimes({ checks: row.checks })}</span>
      <Text size="xs" component="span">
        {[
          row.not_found_count > 0 ? words.notFound({ count: row.not_found_count }) : undefined,
          row.times_sent_again > 0 ? words.sentAgain({ count: row.times_sent_again }) : undefined,
        ]
          .filter((text) => text !== undefined)
          .join(' · ')}
      </Text>
      {row.next_check_at === null ? null : (
        <Text size="xs" component="span">
          {words.next}: <Time at={row.next_check_at} />
        </Text>
      )}
    </Stack>
  );
}

interface ActionsProps {
  readonly of: RoutingCase;
  /** The id of what somebody asked for already. */
  readonly approval: string | undefined;
  readonly onDecide: (row: RoutingCase) => void;
}

function Actions({ of: row, approval, onDecide }: ActionsProps) {
  const t = useWords();
  const words = t.gateways.cases;
  const queries = useQueryClient();
  const asked = useMutation({
    mutationFn: () => answerOf(inboundAdminCheck({ path: { id: row.id } })),
    onSuccess: async ({ answer, status }) => {
      announce(words.answered({ answer: answer.code, status: isCaseStatus(status) ? words.statuses[status] : status }));
      await queries.invalidateQueries({ queryKey: ['cases'] });
    },
  });
  return (
    <Stack gap={6} align="flex-start">
      <Group gap={6}>
        {row.sent_at === null ? null : (
          <Button size="xs" variant="default" loading={asked.isPending} onClick={() => asked.mutate()}>
            {words.askNow}
          </Button>
        )}
        {row.decidable_as.length === 0 || approval !== undefined ? null : (
          <Button size="xs" onClick={() => onDecide(row)}>
            {words.decide}
          </Button>
        )}
      </Group>
      {approval === undefined ? null : (
        <LinkAnchor to={`/approvals/${approval}`} size="sm">
          {words.waiting}
        </LinkAnchor>
      )}
      <ProblemAlert error={asked.error} />
    </Stack>
  );
}

/** What was asked about which attempt, and is not decided yet. */
function useWaiting(): ReadonlyMap<string, string> {
  const query = { kind: 'routing.decide_attempt', state: 'pending', limit: MAX_WAITING } as const;
  const waiting = useQuery({
    queryKey: ['approvals', 'of-cases'],
    queryFn: ({ signal }) => answerOf(approvalsList({ query, signal })),
  });
  return useMemo(
    () =>
      new Map(
        (waiting.data?.data ?? []).flatMap(({ id, payload }) => {
          const attempt = (payload as Readonly<Record<string, unknown>> | null)?.['attempt'];
          return typeof attempt === 'string' ? [[attempt, id] as const] : [];
        }),
      ),
    [waiting.data],
  );
}
