import { Alert, Button, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { reconciliationCancel, reconciliationRun, type ReconciliationRun } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { isGoingOn, RunState } from './reconciliation-runs.js';

/** Looked at while it goes on, for as long as somebody may still be watching. */
const WATCHED = { tries: 600, everyMs: 2_000 };

const COUNTS = [
  'records',
  'lines',
  'matched',
  'unmatched',
  'opened',
  'changed',
  'closed',
  'asked',
  'resolved',
] as const satisfies readonly (keyof ReconciliationRun['counts'])[];

export function ReconciliationRunDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const run = useQuery({
    queryKey: ['reconciliation-run', id],
    queryFn: ({ signal }) => answerOf(reconciliationRun({ path: { id }, signal })),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isGoingOn(state.data) && state.dataUpdateCount < WATCHED.tries
        ? WATCHED.everyMs
        : false,
  });
  return (
    <Page title={t.screens.reconciliationRun} actions={run.data === undefined ? undefined : <Cancel run={run.data} />}>
      <Async query={run}>{(found) => <Found run={found} />}</Async>
    </Page>
  );
}

function Cancel({ run }: { readonly run: ReconciliationRun }) {
  const t = useWords();
  const queries = useQueryClient();
  const mayManage = useMay('reconciliation', 'manage');
  const [isOpen, setOpen] = useState(false);
  if (!mayManage || !isGoingOn(run) || run.cancel_requested) return null;
  const cancel = async (): Promise<void> => {
    await answerOf(reconciliationCancel({ path: { id: run.id } }));
    announce(t.books.runs.canceling);
    await queries.invalidateQueries({ queryKey: ['reconciliation-run', run.id] });
  };
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t.books.runs.cancel}
      </Button>
      <ConfirmDialog
        opened={isOpen}
        title={t.books.runs.cancelTitle}
        action={t.books.runs.cancel}
        onClose={() => setOpen(false)}
        onConfirm={cancel}
      >
        {t.books.runs.cancelIntro}
      </ConfirmDialog>
    </>
  );
}

function Found({ run }: { readonly run: ReconciliationRun }) {
  const t = useWords();
  const language = useLanguage();
  const { runs } = t.books;
  const number = (value: number): string => formatNumber(language, value);
  return (
    <>
      {run.problem === null ? null : (
        <Alert color={run.status === 'failed' ? 'red' : 'yellow'} title={t.reconciliation.problem}>
          {run.problem}
        </Alert>
      )}
      {run.cancel_requested && isGoingOn(run) ? <Alert>{runs.canceling}</Alert> : null}
      <Facts
        facts={[
          [t.common.status, <RunState key="state" status={run.status} />],
          [
            t.books.window,
            <span key="window">
              <Time at={run.from} /> – <Time at={run.to} />
            </span>,
          ],
          [t.payments.gateway, run.gateway],
          [t.reconciliation.gatewayAccount, <IdLink key="account">{run.gateway_account}</IdLink>],
          [t.reconciliation.mode, <ModeBadge key="mode" livemode={run.livemode} />],
          [runs.progress, `${number(run.progress.done)} / ${number(run.progress.total)}`],
          [runs.phase, run.phase === null ? t.common.none : runs.phases[run.phase]],
          [runs.job, run.job],
          [runs.tries, number(run.tries)],
          [t.common.created, <Time key="created" at={run.created_at} />],
          [runs.begun, <Time key="begun" at={run.started_at} />],
          [runs.ended, <Time key="ended" at={run.finished_at} />],
          [t.common.id, <Id key="id">{run.id}</Id>],
        ]}
      />
      <Section
        title={runs.counts}
        actions={
          <LinkAnchor to="/breaks" search={{ run: run.id, status: 'all' }}>
            {runs.showBreaks}
          </LinkAnchor>
        }
      >
        <Facts facts={COUNTS.map((count) => [runs.count[count], number(run.counts[count])])} />
      </Section>
      <Section title={runs.listing}>
        <Listing listing={run.listing} />
      </Section>
    </>
  );
}

function Listing({ listing }: Pick<ReconciliationRun, 'listing'>) {
  const t = useWords();
  const language = useLanguage();
  const { runs } = t.books;
  if (listing === null) return <Text size="sm">{runs.notAsked}</Text>;
  const { pages_in: pagesIn, pages, lines_in: linesIn, problem } = listing;
  const whole = pages === null ? '' : ` / ${formatNumber(language, pages)}`;
  return (
    <Facts
      facts={[
        [t.common.status, runs.listingStates[listing.status]],
        [runs.pagesIn, `${formatNumber(language, pagesIn)}${whole}`],
        [runs.linesIn, formatNumber(language, linesIn)],
        [runs.tries, formatNumber(language, listing.asks)],
        [t.reconciliation.problem, problem ?? t.common.none],
      ]}
    />
  );
}
