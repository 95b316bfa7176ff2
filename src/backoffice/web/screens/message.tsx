import { Alert, Button, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { answerOf } from '../api/client.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { messagesRead, messagesResend, type MessageWithLog } from '../generated/index.js';
import { formatSeconds } from '../i18n/format.js';
import { LANGUAGES, useLanguage, useWords } from '../i18n/i18n.js';
import { MessageState } from './message-words.js';

const isUnderWay = ({ state }: MessageWithLog): boolean => state === 'queued' || state === 'sending';

export function MessageDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const message = useQuery({
    queryKey: ['message', id],
    queryFn: ({ signal }) => answerOf(messagesRead({ path: { id }, signal })),
  });
  const { data } = message;
  return (
    <Page
      title={data === undefined ? t.screens.message : t.messages.kinds[data.kind]}
      actions={data === undefined ? undefined : <Actions message={data} />}
    >
      <Async query={message}>{(found) => <Found message={found} />}</Async>
    </Page>
  );
}

function Actions({ message }: { readonly message: MessageWithLog }) {
  const t = useWords();
  const mayManage = useMay('webhooks', 'manage');
  const [isAsking, setAsking] = useState(false);
  if (!mayManage || isUnderWay(message)) return null;
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t.messages.resend}
      </Button>
      {isAsking ? <Resend message={message} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function Resend({ message, onClose }: { readonly message: MessageWithLog; readonly onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const resend = async (): Promise<void> => {
    const made = await answerOf(messagesResend({ path: { id: message.id } }));
    await queries.invalidateQueries({ queryKey: ['messages'] });
    announce(t.messages.resent);
    await navigate({ to: `/messages/${made.id}` });
  };
  return (
    <ConfirmDialog
      opened
      title={t.messages.resendTitle}
      action={t.messages.resend}
      onClose={onClose}
      onConfirm={resend}
    >
      {message.state === 'sent' ? (
        <Alert color="yellow" role="alert">
          {t.messages.wasSent}
        </Alert>
      ) : null}
      <Text size="sm">{t.messages.resendIntro({ addressee: message.addressee })}</Text>
    </ConfirmDialog>
  );
}

function Found({ message }: { readonly message: MessageWithLog }) {
  const t = useWords();
  const columns = useLogColumns();
  return (
    <>
      <Facts
        facts={[
          [t.common.status, <MessageState key="state" state={message.state} />],
          [t.messages.channel, t.messages.channels[message.channel]],
          [t.messages.addressee, message.addressee],
          [t.shell.language, LANGUAGES[message.language]],
          [t.messages.count, message.count],
          [t.deliveries.answer, message.last_error ?? t.common.none],
          [t.messages.provider, message.provider_id === null ? t.common.none : <Id key="p">{message.provider_id}</Id>],
          [
            t.payments.merchant,
            message.merchant_id === null ? t.common.none : <IdLink key="m">{message.merchant_id}</IdLink>,
          ],
          [t.keys.mode, message.livemode === null ? t.common.none : <ModeBadge key="l" livemode={message.livemode} />],
          [
            t.messages.resendOf,
            message.resend_of === null ? t.common.none : <IdLink key="r">{message.resend_of}</IdLink>,
          ],
          [t.common.id, <Id key="id">{message.id}</Id>],
          [t.common.created, <Time key="created" at={message.created_at} />],
          [t.messages.sentAt, <Time key="sent" at={message.sent_at} otherwise={t.common.never} />],
          [t.messages.next, <Time key="next" at={message.next_attempt_at} />],
          [t.messages.expires, <Time key="expires" at={message.expires_at} />],
        ]}
      />
      <Section title={t.messages.attempts}>
        <DataTable
          label={t.messages.attempts}
          columns={columns}
          rows={message.log}
          rowKey={({ attempt }) => String(attempt)}
          empty={{ title: t.messages.noAttempts, hint: '' }}
        />
      </Section>
    </>
  );
}

type Attempt = MessageWithLog['log'][number];

function useLogColumns(): readonly Column<Attempt>[] {
  const t = useWords();
  const language = useLanguage();
  return useMemo(
    () => [
      { id: 'attempt', header: t.messages.attempt, align: 'right', cell: ({ attempt }) => attempt },
      { id: 'at', header: t.audit.at, cell: (attempt) => <Time at={attempt.started_at} /> },
      {
        id: 'took',
        header: t.messages.took,
        align: 'right',
        cell: (attempt) => t.payments.took({ seconds: formatSeconds(language, attempt.duration_ms) }),
      },
      { id: 'outcome', header: t.payments.outcome, cell: ({ outcome }) => outcome },
      {
        id: 'error',
        header: t.deliveries.answer,
        cell: ({ error }) => (
          <Text size="xs" className="wraps">
            {error ?? t.common.none}
          </Text>
        ),
      },
    ],
    [t, language],
  );
}
