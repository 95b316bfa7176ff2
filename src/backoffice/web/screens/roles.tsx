import { Button, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { State } from '../blocks/badges.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { teamListRoles, teamMakeRole, type Permissions, type Role } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { PermissionGrid } from './permission-grid.js';

export function Roles() {
  const t = useWords();
  const mayAuthorise = useMay('team', 'authorise');
  const [isCreating, setCreating] = useState(false);
  const roles = useQuery({ queryKey: ['roles'], queryFn: ({ signal }) => answerOf(teamListRoles({ signal })) });
  const columns = useMemo<readonly Column<Role>[]>(
    () => [
      {
        id: 'name',
        header: t.common.name,
        cell: ({ name }) => <LinkAnchor to={`/roles/${name}`}>{name}</LinkAnchor>,
      },
      { id: 'description', header: t.roles.description, cell: ({ description }) => description },
      {
        id: 'grants',
        header: t.roles.reaches,
        cell: ({ permissions }) =>
          t.roles.grants({ count: Object.values(permissions).filter((level) => level !== 'none').length }),
      },
      {
        id: 'builtIn',
        header: t.common.status,
        cell: (role) => (role.built_in ? <State is="plain">{t.roles.builtIn}</State> : null),
      },
    ],
    [t],
  );
  return (
    <Page
      title={t.screens.roles}
      actions={
        <>
          {mayAuthorise ? <Button onClick={() => setCreating(true)}>{t.roles.create}</Button> : null}
          <ExportCsv name="roles" ask={() => teamListRoles({ query: { format: 'csv' }, parseAs: 'text' })} />
        </>
      }
    >
      <Async query={roles}>
        {({ data }) => (
          <DataTable
            label={t.screens.roles}
            columns={columns}
            rows={data}
            rowKey={({ name }) => name}
            empty={{ title: t.common.nothing, hint: '' }}
          />
        )}
      </Async>
      {isCreating ? <CreateRole onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}

function CreateRole({ onClose }: { readonly onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [permissions, setPermissions] = useState<Permissions>({});
  const make = async (): Promise<void> => {
    await teamMakeRole({ body: { name, description, permissions: { ...permissions } } });
    await queries.invalidateQueries({ queryKey: ['roles'] });
    announce(t.roles.saved);
  };
  return (
    <FormDialog title={t.roles.createTitle} action={t.roles.create} onClose={onClose} onSubmit={make}>
      {(error) => (
        <>
          <TextInput
            data-autofocus
            label={t.common.name}
            description={t.roles.nameHint}
            required
            pattern="[a-z][a-z0-9_]{1,39}"
            value={name}
            error={fieldErrorOf(error, '/name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={t.roles.description}
            required
            maxLength={200}
            value={description}
            error={fieldErrorOf(error, '/description')}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <PermissionGrid value={permissions} onChange={setPermissions} />
        </>
      )}
    </FormDialog>
  );
}
