import { Button, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { Id } from '../blocks/id.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { deadLettersList, deadLettersReplayAll, deadLettersReplayOne, type DeadLetter } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

const FILTERS = ['consumer'] as const;

/** Events that whom they were for could not take. Before anything is replayed it is said which and how many. */
export function DeadLetters() {
  const t = useWords();
  const language = useLanguage();
  const mayManage = useMay('queues', 'manage');
  const { values, after, isFiltered, set, clear, pages } = useFilters(FILTERS);
  const [replayed, setReplayed] = useState<DeadLetter>();
  const letters = useQuery({
    queryKey: ['dead-letters', values, after],
    queryFn: ({ signal }) => answerOf(deadLettersList({ query: given({ ...values, starting_after: after }), signal })),
  });
  const columns = useLetterColumns(mayManage, setReplayed, (consumer) => set({ consumer }));
  return (
    <Page
      title={t.screens.deadLetters}
      actions={
        <>
          {mayManage && values.consumer !== undefined && (letters.data?.total ?? 0) > 0 ? (
            <ReplayAll consumer={values.consumer} count={letters.data?.total ?? 0} />
          ) : null}
          <ExportCsv
            name="dead_letters"
            ask={(cursor) => deadLettersList({ query: { ...given(values), ...csvAfter(cursor) }, parseAs: 'text' })}
          />
        </>
      }
    >
      <ConsumerFilter
        key={values.consumer}
        consumer={values.consumer}
        onSet={(consumer) => set({ consumer })}
        onClear={clear}
      />
      <Async query={letters}>
        {({ data, has_more: hasMore, total }) => (
          <>
            <Text size="sm">{t.deadLetters.count({ count: formatNumber(language, total) })}</Text>
            <DataTable
              label={t.screens.deadLetters}
              columns={columns}
              rows={data}
              rowKey={({ id }) => id}
              empty={
                isFiltered
                  ? { title: t.common.nothingMatches, hint: '' }
                  : { title: t.deadLetters.empty, hint: t.deadLetters.emptyHint }
              }
              pages={pages(hasMore, data.at(-1)?.id)}
            />
          </>
        )}
      </Async>
      {replayed === undefined ? null : <ReplayOne letter={replayed} onClose={() => setReplayed(undefined)} />}
    </Page>
  );
}

function useLetterColumns(
  mayManage: boolean,
  onReplay: (letter: DeadLetter) => void,
  onConsumer: (consumer: string) => void,
): readonly Column<DeadLetter>[] {
  const t = useWords();
  return useMemo(() => {
    const columns: readonly Column<DeadLetter>[] = [
      {
        id: 'event',
        header: t.deadLetters.event,
        cell: (letter) => (
          <Stack gap={2}>
            <Code className="wraps">{letter.type}</Code>
            <Id>{letter.event_id}</Id>
          </Stack>
        ),
      },
      {
        id: 'consumer',
        header: t.deadLetters.consumer,
        cell: ({ consumer }) => (
          <Button size="xs" variant="default" onClick={() => onConsumer(consumer)}>
            {consumer}
          </Button>
        ),
      },
      { id: 'attempts', header: t.deadLetters.attempts, align: 'right', cell: ({ attempts }) => attempts },
      {
        id: 'error',
        header: t.deadLetters.error,
        cell: (letter) => (
          <Text size="xs" className="wraps">
            {letter.last_error ?? t.common.none}
          </Text>
        ),
      },
      { id: 'abandoned', header: t.deadLetters.abandoned, cell: (letter) => <Time at={letter.abandoned_at} /> },
    ];
    if (!mayManage) return columns;
    const actions: Column<DeadLetter> = {
      id: 'actions',
      header: t.common.actions,
      cell: (letter) => (
        <Button size="xs" variant="default" onClick={() => onReplay(letter)}>
          {t.deadLetters.replay}
        </Button>
      ),
    };
    return [...columns, actions];
  }, [t, mayManage, onReplay, onConsumer]);
}

interface ConsumerFilterProps {
  readonly consumer: string | undefined;
  readonly onSet: (consumer: string) => void;
  readonly onClear: () => void;
}

function ConsumerFilter({ consumer, onSet, onClear }: ConsumerFilterProps) {
  const t = useWords();
  const [typed, setTyped] = useState(consumer ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSet(typed.trim());
  };
  return (
    <form onSubmit={submit} role="search">
      <Group gap="xs" align="end">
        <TextInput
          label={t.deadLetters.consumer}
          placeholder="ledger.book_collections"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          {t.common.filter}
        </Button>
        {consumer === undefined ? null : (
          <Button variant="subtle" onClick={onClear} className="quiet">
            {t.common.clear}
          </Button>
        )}
      </Group>
    </form>
  );
}

function useReplayed(): (count: number) => Promise<void> {
  const t = useWords();
  const language = useLanguage();
  const queries = useQueryClient();
  return async (count) => {
    await queries.invalidateQueries({ queryKey: ['dead-letters'] });
    announce(t.deadLetters.replayed({ count: formatNumber(language, count) }));
  };
}

function ReplayOne({ letter, onClose }: { readonly letter: DeadLetter; readonly onClose: () => void }) {
  const t = useWords();
  const tell = useReplayed();
  const { consumer, event_id: event } = letter;
  const replay = async (): Promise<void> => {
    const { replayed } = await answerOf(deadLettersReplayOne({ path: { event_id: event }, body: { consumer } }));
    await tell(replayed);
  };
  return (
    <ConfirmDialog
      opened
      title={t.deadLetters.replayTitle}
      action={t.deadLetters.replay}
      onClose={onClose}
      onConfirm={replay}
    >
      {t.deadLetters.replayIntro({ event, consumer })}
    </ConfirmDialog>
  );
}

function ReplayAll({ consumer, count }: { readonly consumer: string; readonly count: number }) {
  const t = useWords();
  const language = useLanguage();
  const tell = useReplayed();
  const [isOpen, setOpen] = useState(false);
  const replay = async (): Promise<void> => {
    const { replayed } = await answerOf(deadLettersReplayAll({ body: { consumer } }));
    await tell(replayed);
  };
  const scope = { count: formatNumber(language, count), consumer };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t.deadLetters.replayAll}</Button>
      <ConfirmDialog
        opened={isOpen}
        title={t.deadLetters.replayAllTitle(scope)}
        action={t.deadLetters.replay}
        onClose={() => setOpen(false)}
        onConfirm={replay}
      >
        {t.deadLetters.replayAllIntro(scope)}
      </ConfirmDialog>
    </>
  );
}
