import { Button, Code } from '@mantine/core';
import { useMemo, useState } from 'react';
import { given } from '../api/client.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { ListedPage } from '../blocks/listed-page.js';
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
  const { values } = filters;
  const [shown, setShown] = useState<AuditEntry>();
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
      <AuditFilters filters={filters} />
      <ListedPage
        label={t.screens.audit}
        filters={filters}
        columns={columns}
        queryKey={['audit', values]}
        ask={(after, signal) => auditList({ query: given({ ...values, starting_after: after }), signal })}
        empty={{ title: t.audit.empty, hint: t.audit.emptyHint }}
      />
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
