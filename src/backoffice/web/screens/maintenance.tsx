import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { State } from '../blocks/badges.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { ExportCsv } from '../blocks/export-csv.js';
import type { Column } from '../blocks/data-table.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { maintenanceCancel, maintenanceList, type MaintenanceWindow } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { ChangeWindow, CreateWindow } from './maintenance-form.js';

const FILTERS = ['all'] as const;

type Todo = { readonly what: 'change' | 'cancel'; readonly window: MaintenanceWindow };

/** Times in which nothing new is sent to a gateway. */
export function Maintenance() {
  const t = useWords();
  const words = t.gateways.maintenance;
  const mayManage = useMay('routing', 'manage');
  const filters = useFilters(FILTERS);
  const { values, set } = filters;
  const all = values.all === 'true';
  const query = given({ current: all ? undefined : ('true' as const) });
  const [isCreating, setCreating] = useState(false);
  const [todo, setTodo] = useState<Todo>();
  const columns = useWindowColumns(mayManage, setTodo);
  return (
    <Page
      title={t.screens.maintenance}
      actions={
        <>
          <ExportCsv
            name="maintenance_windows"
            ask={(cursor) => maintenanceList({ query: { ...query, ...csvAfter(cursor) }, parseAs: 'text' })}
          />
          {mayManage ? <Button onClick={() => setCreating(true)}>{words.create}</Button> : null}
        </>
      }
    >
      <Text size="sm">{words.intro}</Text>
      <NativeSelect
        label={words.current}
        className="narrow"
        value={all ? 'true' : ''}
        onChange={(event) => set({ all: event.currentTarget.value })}
        data={[
          { value: '', label: words.currentOnly },
          { value: 'true', label: words.all },
        ]}
      />
      <ListedPage
        label={t.screens.maintenance}
        filters={filters}
        columns={columns}
        queryKey={['maintenance', query]}
        ask={(after, signal) =>
          maintenanceList({
            query: { ...query, ...given({ starting_after: after }) },
            signal,
          })
        }
        empty={{ title: words.empty, hint: words.emptyHint }}
        isFiltered={false}
      />
      {isCreating ? <CreateWindow onClose={() => setCreating(false)} /> : null}
      {todo?.what === 'change' ? <ChangeWindow window={todo.window} onClose={() => setTodo(undefined)} /> : null}
      {todo?.what === 'cancel' ? <CancelWindow window={todo.window} onClose={() => setTodo(undefined)} /> : null}
    </Page>
  );
}

type WindowState = 'ahead' | 'open' | 'over' | 'canceled';

function stateOf({ from, to, canceled_at: canceledAt }: MaintenanceWindow): WindowState {
  if (canceledAt !== null) return 'canceled';
  const now = Date.now();
  if (Date.parse(to) <= now) return 'over';
  return Date.parse(from) <= now ? 'open' : 'ahead';
}

const COLOURS = { ahead: 'waiting', open: 'bad', over: 'plain', canceled: 'plain' } as const;

function useWindowColumns(mayManage: boolean, onDo: (todo: Todo) => void): readonly Column<MaintenanceWindow>[] {
  const t = useWords();
  return useMemo(() => {
    const words = t.gateways.maintenance;
    const columns: readonly Column<MaintenanceWindow>[] = [
      {
        id: 'where',
        header: words.where,
        cell: (window) => (
          <Stack gap={2}>
            <span className="wraps">
              {window.gateway}
              {window.name === null ? null : `/${window.name}`}
            </span>
            <Text size="xs" className="wraps">
              {window.network ?? t.gateways.anyNetwork}
            </Text>
          </Stack>
        ),
      },
      { id: 'from', header: words.from, cell: ({ from }) => <Time at={from} /> },
      { id: 'to', header: words.to, cell: ({ to }) => <Time at={to} /> },
      {
        id: 'state',
        header: words.state,
        cell: (window) => <State is={COLOURS[stateOf(window)]}>{words.states[stateOf(window)]}</State>,
      },
      { id: 'reason', header: words.reason, cell: ({ reason }) => <span className="wraps">{reason}</span> },
      { id: 'by', header: words.by, cell: (window) => <IdLink>{window.created_by}</IdLink> },
    ];
    if (!mayManage) return columns;
    const actions: Column<MaintenanceWindow> = {
      id: 'actions',
      header: t.common.actions,
      cell: (window) =>
        stateOf(window) === 'canceled' || stateOf(window) === 'over' ? null : (
          <Group gap={6}>
            <Button size="xs" variant="default" onClick={() => onDo({ what: 'change', window })}>
              {words.change}
            </Button>
            <Button size="xs" variant="default" onClick={() => onDo({ what: 'cancel', window })}>
              {words.cancel}
            </Button>
          </Group>
        ),
    };
    return [...columns, actions];
  }, [t, mayManage, onDo]);
}

function CancelWindow({ window, onClose }: { readonly window: MaintenanceWindow; readonly onClose: () => void }) {
  const words = useWords().gateways.maintenance;
  const queries = useQueryClient();
  const cancel = async (): Promise<void> => {
    await answerOf(maintenanceCancel({ path: { id: window.id } }));
    await queries.invalidateQueries({ queryKey: ['maintenance'] });
    announce(words.canceled);
  };
  return (
    <ConfirmDialog
      opened
      title={words.cancelTitle}
      action={words.cancel}
      isDangerous
      onClose={onClose}
      onConfirm={cancel}
    >
      {words.cancelIntro}
    </ConfirmDialog>
  );
}
