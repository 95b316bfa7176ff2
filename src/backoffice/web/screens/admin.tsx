import { Alert, Button, NativeSelect } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { useMay, useSession } from '../api/session.js';
import { announce, announceAsked } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { Facts } from '../blocks/facts.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { Id } from '../blocks/id.js';
import { Page, Section } from '../blocks/page.js';
import { SessionsTable } from '../blocks/sessions-table.js';
import { Time } from '../blocks/time.js';
import {
  teamDisable,
  teamEnable,
  teamEndSessions,
  teamGiveRole,
  teamListRoles,
  teamListSessions,
  teamRead,
  teamTakeSecondFactor,
  type Admin,
} from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { AdminState } from './admins.js';

export function AdminDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const admin = useQuery({
    queryKey: ['admin', id],
    queryFn: ({ signal }) => answerOf(teamRead({ path: { id }, signal })),
  });
  const sessions = useQuery({
    queryKey: ['admin', id, 'sessions'],
    queryFn: ({ signal }) => answerOf(teamListSessions({ path: { id }, signal })),
  });
  return (
    <Page
      title={admin.data?.name ?? admin.data?.email ?? t.screens.admin}
      actions={admin.data === undefined ? undefined : <Actions admin={admin.data} />}
    >
      <Async query={admin}>
        {(found) => (
          <Facts
            facts={[
              [t.common.id, <Id key="id">{found.id}</Id>],
              [t.team.email, found.email],
              [t.team.role, found.role],
              [t.team.factor, found.second_factor ? t.common.yes : t.common.no],
              [t.common.status, <AdminState key="status" admin={found} />],
              [t.common.created, <Time key="created" at={found.created_at} />],
            ]}
          />
        )}
      </Async>
      <Section title={t.account.sessionsTitle}>
        <Async query={sessions}>
          {({ data }) => <SessionsTable label={t.account.sessionsTitle} sessions={data} />}
        </Async>
      </Section>
    </Page>
  );
}

type Act = 'role' | 'disable' | 'enable' | 'reset' | 'end';

/** What this session may do about that person, each with a confirmation that says what comes of it. */
function Actions({ admin }: { readonly admin: Admin }) {
  const t = useWords();
  const own = useSession();
  const queries = useQueryClient();
  const mayManage = useMay('team', 'manage');
  const mayAuthorise = useMay('team', 'authorise');
  const [open, setOpen] = useState<Act>();
  if (own.admin.id === admin.id) return <Alert>{t.team.self}</Alert>;
  const name = admin.name ?? admin.email;
  const path = { id: admin.id };
  const close = (): void => setOpen(undefined);
  const done = (work: () => Promise<unknown>) => async (): Promise<void> => {
    await work();
    await queries.invalidateQueries({ queryKey: ['admin', admin.id] });
    announce(t.team.done);
  };
  const isIn = admin.disabled_at === null;
  const buttons: readonly (readonly [Act, string, boolean])[] = [
    ['role', t.team.changeRole, mayManage && isIn],
    ['end', t.team.endSessions, mayManage && isIn],
    ['reset', t.team.resetFactor, mayAuthorise && isIn && admin.second_factor],
    ['disable', t.team.disable, mayManage && isIn],
    ['enable', t.team.enable, mayAuthorise && !isIn],
  ];
  return (
    <>
      {buttons.map(([act, label, isOffered]) =>
        isOffered ? (
          <Button key={act} variant="default" onClick={() => setOpen(act)}>
            {label}
          </Button>
        ) : null,
      )}
      {open === 'role' ? <ChangeRole admin={admin} onClose={close} /> : null}
      <ConfirmDialog
        opened={open === 'end'}
        title={t.team.endTitle({ name })}
        action={t.team.endSessions}
        onClose={close}
        onConfirm={done(() => teamEndSessions({ path }))}
      >
        {t.team.endIntro}
      </ConfirmDialog>
      <ConfirmDialog
        opened={open === 'reset'}
        title={t.team.resetTitle({ name })}
        action={t.team.resetFactor}
        isDangerous
        onClose={close}
        onConfirm={done(() => teamTakeSecondFactor({ path }))}
      >
        {t.team.resetIntro}
      </ConfirmDialog>
      <ConfirmDialog
        opened={open === 'disable'}
        title={t.team.disableTitle({ name })}
        action={t.team.disable}
        isDangerous
        onClose={close}
        onConfirm={done(() => teamDisable({ path }))}
      >
        {t.team.disableIntro}
      </ConfirmDialog>
      <ConfirmDialog
        opened={open === 'enable'}
        title={t.team.enable}
        action={t.team.enable}
        onClose={close}
        onConfirm={done(() => teamEnable({ path }))}
      >
        {name}
      </ConfirmDialog>
    </>
  );
}

function ChangeRole({ admin, onClose }: { readonly admin: Admin; readonly onClose: () => void }) {
  const t = useWords();
  const [role, setRole] = useState(admin.role);
  const roles = useQuery({ queryKey: ['roles'], queryFn: ({ signal }) => answerOf(teamListRoles({ signal })) });
  const change = async (): Promise<void> => {
    const { id } = await answerOf(teamGiveRole({ path: { id: admin.id }, body: { role } }));
    announceAsked(t.common.asked, id);
  };
  return (
    <FormDialog title={t.team.changeRole} action={t.common.save} onClose={onClose} onSubmit={change}>
      {() => (
        <Async query={roles}>
          {({ data }) => (
            <NativeSelect
              data-autofocus
              description={t.common.needsAnother}
              label={t.team.role}
              value={role}
              onChange={(event) => setRole(event.currentTarget.value)}
              data={data.map(({ name, description }) => ({ value: name, label: `${name}: ${description}` }))}
            />
          )}
        </Async>
      )}
    </FormDialog>
  );
}
