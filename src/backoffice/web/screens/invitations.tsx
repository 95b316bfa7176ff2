import { Button, NativeSelect, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { useMay } from '../api/session.js';
import { announce, announceAsked } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { teamInvite, teamListInvitations, teamListRoles, teamWithdraw, type Invitation } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

export function Invitations() {
  const t = useWords();
  const queries = useQueryClient();
  const mayManage = useMay('team', 'manage');
  const [isInviting, setInviting] = useState(false);
  const [withdrawn, setWithdrawn] = useState<Invitation>();
  const invitations = useQuery({
    queryKey: ['invitations'],
    queryFn: ({ signal }) => answerOf(teamListInvitations({ signal })),
  });
  const withdraw = async (): Promise<void> => {
    if (withdrawn === undefined) return;
    await teamWithdraw({ path: { id: withdrawn.id } });
    await queries.invalidateQueries({ queryKey: ['invitations'] });
    announce(t.invitations.withdrawn);
  };
  const columns = useInvitationColumns(mayManage, setWithdrawn);
  return (
    <Page
      title={t.screens.invitations}
      actions={
        <>
          {mayManage ? <Button onClick={() => setInviting(true)}>{t.invitations.create}</Button> : null}
          <ExportCsv
            name="invitations"
            ask={() => teamListInvitations({ query: { format: 'csv' }, parseAs: 'text' })}
          />
        </>
      }
    >
      <Async query={invitations}>
        {({ data }) => (
          <DataTable
            label={t.screens.invitations}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={{ title: t.invitations.empty, hint: t.invitations.emptyHint }}
          />
        )}
      </Async>
      {isInviting ? <Invite onClose={() => setInviting(false)} /> : null}
      <ConfirmDialog
        opened={withdrawn !== undefined}
        title={t.invitations.withdrawTitle({ name: withdrawn?.name ?? '' })}
        action={t.invitations.withdraw}
        isDangerous
        onClose={() => setWithdrawn(undefined)}
        onConfirm={withdraw}
      >
        {t.invitations.withdrawIntro}
      </ConfirmDialog>
    </Page>
  );
}

function useInvitationColumns(
  mayManage: boolean,
  onWithdraw: (invitation: Invitation) => void,
): readonly Column<Invitation>[] {
  const t = useWords();
  return useMemo(() => {
    const columns: readonly Column<Invitation>[] = [
      { id: 'name', header: t.common.name, cell: ({ name }) => name },
      { id: 'email', header: t.team.email, cell: ({ email }) => email },
      { id: 'role', header: t.team.role, cell: ({ role }) => role },
      {
        id: 'by',
        header: t.invitations.by,
        cell: ({ invited_by: by }) =>
          by === null ? t.invitations.commandLine : <LinkAnchor to={`/team/${by}`}>{by}</LinkAnchor>,
      },
      { id: 'expires', header: t.invitations.expires, cell: (invitation) => <Time at={invitation.expires_at} /> },
    ];
    if (!mayManage) return columns;
    const actions: Column<Invitation> = {
      id: 'actions',
      header: t.common.actions,
      cell: (invitation) => (
        <Button size="xs" variant="default" onClick={() => onWithdraw(invitation)}>
          {t.invitations.withdraw}
        </Button>
      ),
    };
    return [...columns, actions];
  }, [t, mayManage, onWithdraw]);
}

/** Whoever approves it is shown the link. */
function Invite({ onClose }: { readonly onClose: () => void }) {
  const t = useWords();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState('');
  const roles = useQuery({ queryKey: ['roles'], queryFn: ({ signal }) => answerOf(teamListRoles({ signal })) });
  const invite = async (): Promise<void> => {
    const { id } = await answerOf(teamInvite({ body: { email, name, role } }));
    announceAsked(t.common.asked, id);
  };
  return (
    <FormDialog title={t.invitations.createTitle} action={t.invitations.create} onClose={onClose} onSubmit={invite}>
      {(error) => (
        <>
          <Text size="sm">{t.common.needsAnother}</Text>
          <TextInput
            data-autofocus
            label={t.common.name}
            required
            maxLength={200}
            value={name}
            error={fieldErrorOf(error, '/name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={t.team.email}
            type="email"
            required
            value={email}
            error={fieldErrorOf(error, '/email')}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Async query={roles}>
            {({ data }) => (
              <NativeSelect
                label={t.team.role}
                required
                value={role}
                onChange={(event) => setRole(event.currentTarget.value)}
                data={[
                  { value: '', label: '' },
                  ...data.map((each) => ({ value: each.name, label: `${each.name}: ${each.description}` })),
                ]}
              />
            )}
          </Async>
        </>
      )}
    </FormDialog>
  );
}
