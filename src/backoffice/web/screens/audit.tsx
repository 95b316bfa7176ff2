import { Button, Code } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { Async } from '../blocks/async.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { auditList, type AuditEntry } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { AuditFilters, AUDIT_FILTERS } from './audit-filters.js';
import { AuditDetail } from './audit-detail.js';
import { VerifyAudit } from './audit-verify.js';

/** What admins did, the newest first. */
export function Audit() {
  const t = useWords();
  const filters = useFilters(AUDIT_FILTERS);
  const { values, after, pages, isFiltered } = filters;
  const [shown, setShown] = useState<AuditEntry>();
  const entries = useQuery({
    queryKey: ['audit', values, after],
    queryFn: ({ signal }) => answerOf(auditList({ query: given({ ...values, starting_after: after }), signal })),
  });
  const columns = useAuditColumns(setShown);
  return (
    <Page
      title={t.screens.audit}
      actions={
        <>
          <ExportCsv
            name="audit-entries"
            ask={(cursor) =>
              auditList({ query: { ...values, format: 'csv', ...given({ starting_after: cursor }) }, parseAs: 'text' })
            }
          />
          <VerifyAudit />
        </>
      }
    >
      <AuditFilters key={JSON.stringify(values)} filters={filters} />
      <Async query={entries}>
        {({ data, has_more: hasMore }) => (
          <DataTable
            label={t.screens.audit}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={
              isFiltered
                ? { title: t.common.nothingMatches, hint: '' }
                : { title: t.audit.empty, hint: t.audit.emptyHint }
            }
            pages={pages(hasMore, data.at(-1)?.id)}
          />
        )}
      </Async>
      <AuditDetail entry={shown} onClose={() => setShown(undefined)} />
    </Page>
  );
}

function useAuditColumns(onShow: (entry: AuditEntry) => void): readonly Column<AuditEntry>[] {
  const t = useWords();
  return useMemo(
    () => [
      { id: 'at', header: t.audit.at, cell: (entry) => <Time at={entry.at} /> },
      { id: 'type', header: t.audit.type, cell: (entry) => <Code className="wraps">{entry.type}</Code> },
      { id: 'actor', header: t.audit.actor, cell: (entry) => <Actor id={entry.actor} /> },
      {
        id: 'route',
        header: t.audit.route,
        cell: (entry) => (entry.route === null ? t.common.none : <Code className="wraps">{entry.route}</Code>),
      },
      { id: 'status', header: t.audit.result, align: 'right', cell: (entry) => entry.status ?? t.common.none },
      {
        id: 'details',
        header: t.common.actions,
        cell: (entry) => (
          <Button
            size="xs"
            variant="default"
            aria-label={`${t.common.details}: ${t.audit.entry({ seq: entry.seq })}`}
            onClick={() => onShow(entry)}
          >
            {t.common.details}
          </Button>
        ),
      },
    ],
    [t, onShow],
  );
}

/** Keys act too, and have no page. */
function Actor({ id }: { readonly id: string | null }) {
  const t = useWords();
  if (id === null) return <>{t.audit.program}</>;
  return (
    <LinkAnchor to={`/team/${id}`} className="id">
      {id}
    </LinkAnchor>
  );
}
