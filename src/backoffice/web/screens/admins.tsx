import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { Async } from '../blocks/async.js';
import { State } from '../blocks/badges.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
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
  const { after, pages } = useFilters(FILTERS);
  const admins = useQuery({
    queryKey: ['admins', after],
    queryFn: ({ signal }) => answerOf(teamList({ query: given({ starting_after: after }), signal })),
  });
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
      <Async query={admins}>
        {({ data, has_more: hasMore }) => (
          <DataTable
            label={t.screens.admins}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={{ title: t.common.nothing, hint: t.invitations.emptyHint }}
            pages={pages(hasMore, data.at(-1)?.id)}
          />
        )}
      </Async>
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
