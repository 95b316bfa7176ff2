import { Text } from '@mantine/core';
import { useMemo } from 'react';
import type { Session } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { State } from './badges.js';
import { DataTable, type Column } from './data-table.js';
import { Time } from './time.js';

interface SessionsTableProps {
  readonly label: string;
  readonly sessions: readonly Session[];
  /** The session that this is. */
  readonly own?: string;
}

export function SessionsTable({ label, sessions, own }: SessionsTableProps) {
  const t = useWords();
  const columns = useMemo<readonly Column<Session>[]>(
    () => [
      { id: 'started', header: t.sessions.started, cell: (session) => <Time at={session.started_at} /> },
      { id: 'address', header: t.sessions.address, cell: (session) => session.address },
      {
        id: 'device',
        header: t.sessions.device,
        cell: (session) => (
          <Text size="xs" className="wraps">
            {session.user_agent === '' ? t.common.none : session.user_agent}
          </Text>
        ),
      },
      { id: 'state', header: t.sessions.state, cell: (session) => <SessionState session={session} own={own} /> },
    ],
    [t, own],
  );
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={sessions}
      rowKey={({ id }) => id}
      empty={{ title: t.common.nothing, hint: '' }}
    />
  );
}

function SessionState({ session, own }: { readonly session: Session; readonly own: string | undefined }) {
  const t = useWords();
  if (session.id === own) return <State is="good">{t.account.thisOne}</State>;
  if (session.ended_at === null && new Date(session.expires_at) > new Date())
    return <State is="waiting">{t.sessions.open}</State>;
  const reasons: Readonly<Record<string, string>> = t.sessions.reasons;
  const reason = reasons[session.ended_reason ?? ''];
  return <State is="plain">{reason === undefined ? t.sessions.ended : `${t.sessions.ended}: ${reason}`}</State>;
}
