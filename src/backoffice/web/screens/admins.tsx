import { useMemo } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { State } from '../blocks/badges.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { teamList, type Admin } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

const FILTERS = [] as const;

/** Who may sign in. */
export function Admins() {
  const t = useWords();
  const filters = useFilters(FILTERS);
  const columns = useMemo<readonly Column<Admin>[]>(
    () => [
      {
        id: 'name',
        header: t.common.name,
        cell: ({ id, name, email }) => <LinkAnchor to={`/team/${id}`}>{name ?? email}</LinkAnchor>,
      },
      { id: 'email', header: t.team.email, cell: ({ email }) => email },
      { id: 'role', header: t.team.role, cell: ({ role }) => role },
      {
        id: 'factor',
        header: t.team.factor,
        cell: (admin) => (
          <State is={admin.second_factor ? 'good' : 'waiting'}>
            {admin.second_factor ? t.common.yes : t.common.no}
          </State>
        ),
      },
      { id: 'status', header: t.common.status, cell: (admin) => <AdminState admin={admin} /> },
      { id: 'created', header: t.common.created, cell: (admin) => <Time at={admin.created_at} /> },
    ],
    [t],
  );
  return (
    <Page
      title={t.screens.admins}
      actions={<ExportCsv name="team" ask={(cursor) => teamList({ query: csvAfter(cursor), parseAs: 'text' })} />}
    >
      <ListedPage
        label={t.screens.admins}
        filters={filters}
        columns={columns}
        queryKey={['admins']}
        ask={(after, signal) => teamList({ query: given({ starting_after: after }), signal })}
        empty={{ title: t.common.nothing, hint: t.invitations.emptyHint }}
      />
    </Page>
  );
}

export function AdminState({ admin }: { readonly admin: Admin }) {
  const t = useWords();
  return admin.disabled_at === null ? (
    <State is="good">{t.team.active}</State>
  ) : (
    <State is="bad">{t.team.disabled}</State>
  );
}
