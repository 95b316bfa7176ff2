import { useMemo } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { ListFilters, optionsOf } from '../blocks/list-filters.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { messagesList, type Message } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { CHANNELS, MESSAGE_KINDS, MESSAGE_STATES, MessageState } from './message-words.js';

const FILTERS = ['state', 'channel', 'kind', 'created_after', 'created_before'] as const;

/** E-mails and SMS: whether they were sent. What they say, nobody reads here. */
export function Messages() {
  const t = useWords();
  const filters = useFilters(FILTERS);
  const { values } = filters;
  const query = given({
    ...values,
    state: MESSAGE_STATES.find((each) => each === values.state),
    channel: CHANNELS.find((each) => each === values.channel),
    kind: MESSAGE_KINDS.find((each) => each === values.kind),
  });
  const columns = useMessageColumns();
  return (
    <Page
      title={t.screens.messages}
      actions={
        <ExportCsv
          name="messages"
          ask={(cursor) => messagesList({ query: { ...query, ...csvAfter(cursor) }, parseAs: 'text' })}
        />
      }
    >
      <ListFilters
        filters={filters}
        fields={[
          {
            name: 'state',
            label: t.common.status,
            as: 'select',
            options: optionsOf(t.payments.any, MESSAGE_STATES, t.messages.states),
          },
          {
            name: 'channel',
            label: t.messages.channel,
            as: 'select',
            options: optionsOf(t.payments.any, CHANNELS, t.messages.channels),
          },
          {
            name: 'kind',
            label: t.messages.kind,
            as: 'select',
            options: optionsOf(t.payments.any, MESSAGE_KINDS, t.messages.kinds),
          },
          { name: 'created_after', label: t.payments.createdFrom, as: 'moment' },
          { name: 'created_before', label: t.payments.createdTo, as: 'moment' },
        ]}
      />
      <ListedPage
        label={t.screens.messages}
        filters={filters}
        columns={columns}
        queryKey={['messages', query]}
        ask={(after, signal) => messagesList({ query: { ...query, ...given({ starting_after: after }) }, signal })}
        empty={{ title: t.messages.empty, hint: t.messages.emptyHint }}
      />
    </Page>
  );
}

function useMessageColumns(): readonly Column<Message>[] {
  const t = useWords();
  return useMemo(
    () => [
      {
        id: 'kind',
        header: t.messages.kind,
        cell: ({ id, kind }) => <LinkAnchor to={`/messages/${id}`}>{t.messages.kinds[kind]}</LinkAnchor>,
      },
      { id: 'channel', header: t.messages.channel, cell: ({ channel }) => t.messages.channels[channel] },
      { id: 'to', header: t.messages.addressee, cell: ({ addressee }) => addressee },
      { id: 'state', header: t.common.status, cell: ({ state }) => <MessageState state={state} /> },
      { id: 'attempts', header: t.messages.attempts, align: 'right', cell: ({ attempts }) => attempts },
      { id: 'created', header: t.common.created, cell: (message) => <Time at={message.created_at} /> },
    ],
    [t],
  );
}
