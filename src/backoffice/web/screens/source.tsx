import { Alert, Group, List } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { Async } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { DataTable } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { sourcesLines, sourcesSource, type ReconciliationSource } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { SourceProblems } from './source-problems.js';
import { Statements, Totals } from './source-report.js';
import { Coverage, SourceState } from './sources.js';
import { isBankLine, useBankLineColumns, useLineColumns } from './line-columns.js';

/** Looked at while its lines become visible. */
const WATCHED = { tries: 60, everyMs: 2_000 };
/** The cursor of its lines is in the address; there is nothing to filter by. */
const NO_FILTERS = [] as const;

/** One source: what it covers, how it was read, what is wrong with it, and its lines. */
export function SourceDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const source = useQuery({
    queryKey: ['source', id],
    queryFn: ({ signal }) => answerOf(sourcesSource({ path: { id }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.status === 'publishing' && state.dataUpdateCount < WATCHED.tries ? WATCHED.everyMs : false,
  });
  return (
    <Page title={source.data?.name ?? t.screens.source}>
      <Async query={source}>{(found) => <Found source={found} />}</Async>
    </Page>
  );
}

function Found({ source }: { readonly source: ReconciliationSource }) {
  const t = useWords();
  const language = useLanguage();
  const { sources } = t.books;
  const { report } = source;
  const number = (value: number): string => formatNumber(language, value);
  return (
    <>
      {source.problem === null ? null : (
        <Alert color="red" title={t.reconciliation.problem}>
          {source.problem}
        </Alert>
      )}
      <Facts
        facts={[
          [t.common.status, <SourceState key="state" status={source.status} />],
          [sources.kind, sources.kinds[source.kind]],
          [t.payments.gateway, source.gateway ?? t.common.none],
          [
            t.reconciliation.gatewayAccount,
            source.gateway_account === null ? t.common.none : <IdLink key="account">{source.gateway_account}</IdLink>,
          ],
          [t.reconciliation.mode, <ModeBadge key="mode" livemode={source.livemode} />],
          [sources.coverage, <Coverage key="coverage" from={source.from} to={source.to} />],
          [sources.covers, source.covers.map((kind) => t.reconciliation.breaks.recordKinds[kind]).join(', ')],
          [sources.format, source.format ?? t.common.none],
          [sources.lines, number(source.lines)],
          [sources.newLines, number(source.new_lines)],
          [sources.repeated, number(source.repeated_lines)],
          [sources.asOf, <Time key="as-of" at={source.as_of} />],
          [t.common.created, <Time key="created" at={source.created_at} />],
          [sources.ended, <Time key="ended" at={source.closed_at} />],
          [sources.checksum, source.sha256 === null ? t.common.none : <Id key="sha">{source.sha256}</Id>],
          [t.common.id, <Id key="id">{source.id}</Id>],
        ]}
      />
      {source.problems.length === 0 ? null : (
        <Section title={sources.problems}>
          <SourceProblems problems={source.problems} />
        </Section>
      )}
      {report === null ? null : (
        <Section title={sources.report}>
          <Facts
            facts={[
              [sources.encoding, report.encoding],
              [sources.bytes, number(report.bytes)],
              [sources.ignored, number(report.ignored)],
              [sources.duplicates, number(report.duplicates)],
            ]}
          />
          <Totals totals={report.totals} />
          {report.statements.length === 0 ? null : <Statements statements={report.statements} />}
          {report.notices.length === 0 ? null : (
            <Alert title={sources.notices}>
              <List size="sm">
                {report.notices.map((notice) => (
                  <List.Item key={notice}>{notice}</List.Item>
                ))}
              </List>
            </Alert>
          )}
        </Section>
      )}
      {source.runs.length === 0 ? null : (
        <Section title={sources.runs}>
          <Group gap="xs">
            {source.runs.map((run) => (
              <IdLink key={run}>{run}</IdLink>
            ))}
          </Group>
        </Section>
      )}
      <Section
        title={sources.linesTitle}
        actions={
          <ExportCsv
            name="source_lines"
            ask={(cursor) => sourcesLines({ path: { id: source.id }, query: csvAfter(cursor), parseAs: 'text' })}
          />
        }
      >
        <Lines id={source.id} />
      </Section>
    </>
  );
}

function Lines({ id }: { readonly id: string }) {
  const t = useWords();
  const { after, pages } = useFilters(NO_FILTERS);
  const lines = useQuery({
    queryKey: ['source-lines', id, after],
    queryFn: ({ signal }) => answerOf(sourcesLines({ path: { id }, query: given({ starting_after: after }), signal })),
  });
  const lineColumns = useLineColumns();
  const bankColumns = useBankLineColumns();
  const { linesTitle, noLines, noLinesHint } = t.books.sources;
  const common = { label: linesTitle, empty: { title: noLines, hint: noLinesHint } };
  const rowKey = (line: { readonly id: string }): string => line.id;
  return (
    <Async query={lines}>
      {({ data, has_more: hasMore }) => {
        const paging = pages(hasMore, data.at(-1)?.id);
        const ofBank = data.filter(isBankLine);
        const ofGateway = data.flatMap((line) => (line.object === 'reconciliation_line' ? [line] : []));
        return ofBank.length > 0 ? (
          <DataTable {...common} columns={bankColumns} rows={ofBank} rowKey={rowKey} pages={paging} />
        ) : (
          <DataTable {...common} columns={lineColumns} rows={ofGateway} rowKey={rowKey} pages={paging} />
        );
      }}
    </Async>
  );
}
