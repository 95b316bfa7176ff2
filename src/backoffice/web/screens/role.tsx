import { Alert, Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { useMay } from '../api/session.js';
import { announceAsked } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { Page } from '../blocks/page.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { teamChangeRole, teamListRoles, type Role } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { NotFound } from '../shell/not-found.js';
import { PermissionGrid } from './permission-grid.js';

export function RoleDetail() {
  const { name = '' }: { readonly name?: string } = useParams({ strict: false });
  const roles = useQuery({ queryKey: ['roles'], queryFn: ({ signal }) => answerOf(teamListRoles({ signal })) });
  const role = roles.data?.data.find((each) => each.name === name);
  if (roles.data !== undefined && role === undefined) return <NotFound />;
  return (
    <Page title={name}>
      <Async query={roles}>{() => (role === undefined ? null : <EditRole key={role.name} role={role} />)}</Async>
    </Page>
  );
}

function EditRole({ role }: { readonly role: Role }) {
  const t = useWords();
  const mayManage = useMay('team', 'manage');
  const [description, setDescription] = useState(role.description);
  const [permissions, setPermissions] = useState(role.permissions);
  const isEditable = mayManage && !role.built_in;
  const saved = useMutation({
    mutationFn: () =>
      answerOf(teamChangeRole({ path: { name: role.name }, body: { description, permissions: { ...permissions } } })),
    onSuccess: ({ id }) => announceAsked(t.common.asked, id),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saved.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack maw={720}>
        {role.built_in ? <Alert>{t.roles.builtInHint}</Alert> : null}
        {isEditable ? <Alert>{t.common.needsAnother}</Alert> : null}
        <TextInput
          label={t.roles.description}
          required
          readOnly={!isEditable}
          maxLength={200}
          value={description}
          error={fieldErrorOf(saved.error, '/description')}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <PermissionGrid value={permissions} onChange={isEditable ? setPermissions : undefined} />
        <ProblemAlert error={saved.error} />
        {isEditable ? (
          <Group>
            <Button type="submit" loading={saved.isPending}>
              {t.common.save}
            </Button>
          </Group>
        ) : null}
      </Stack>
    </form>
  );
}
