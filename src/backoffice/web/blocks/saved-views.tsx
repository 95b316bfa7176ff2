import { Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { filterOf, MAX_VIEW_NAME, MAX_VIEWS, useSavedViews, type SavedView } from '../api/saved-views.js';
import { useWords } from '../i18n/i18n.js';
import { announce } from './announcements.js';
import { FormDialog } from './form-dialog.js';
import { useFocusReturn } from './use-focus-return.js';

/** The filter that a list has, kept under a name, and those that were kept before. */
export function SavedViews({ path }: { readonly path: string }) {
  const t = useWords();
  const navigate = useNavigate();
  const filter = filterOf(useSearch({ strict: false }));
  const { views } = useSavedViews();
  const [open, setOpen] = useState<'save' | 'edit'>();
  const own = views.filter((view) => view.path === path);
  const isShown = (view: SavedView): boolean => textOf(view.filter) === textOf(filter);
  const show = (view: SavedView): void =>
    void navigate({
      to: '.',
      search: (old: Readonly<Record<string, unknown>>) => ({ mode: old['mode'], ...view.filter }),
    });
  return (
    <>
      <Menu>
        <Menu.Target>
          <Button variant="default" maw={240}>
            {own.find(isShown)?.name ?? t.views.button}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {own.map((view) => (
            <Menu.Item key={view.name} onClick={() => show(view)} rightSection={isShown(view) ? '✓' : undefined}>
              {view.name}
            </Menu.Item>
          ))}
          {own.length === 0 ? <Menu.Label>{t.views.none}</Menu.Label> : <Menu.Divider />}
          <Menu.Item
            disabled={Object.keys(filter).length === 0 || views.length >= MAX_VIEWS}
            onClick={() => setOpen('save')}
          >
            {t.views.save}
          </Menu.Item>
          {own.length === 0 ? null : <Menu.Item onClick={() => setOpen('edit')}>{t.views.edit}</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {open === 'save' ? <Save path={path} filter={filter} onClose={() => setOpen(undefined)} /> : null}
      {open === 'edit' ? <Edit path={path} onClose={() => setOpen(undefined)} /> : null}
    </>
  );
}

/** The order in which filters were set says nothing. */
const textOf = (filter: SavedView['filter']): string =>
  JSON.stringify(Object.entries(filter).toSorted(([one], [other]) => one.localeCompare(other)));

interface SaveProps {
  readonly path: string;
  readonly filter: SavedView['filter'];
  readonly onClose: () => void;
}

function Save({ path, filter, onClose }: SaveProps) {
  const t = useWords();
  const { views, save } = useSavedViews();
  const [name, setName] = useState('');
  const isTaken = views.some((view) => view.path === path && view.name === name.trim());
  const submit = (): Promise<void> => {
    save({ path, name: name.trim(), filter });
    announce(t.views.saved({ name: name.trim() }));
    return Promise.resolve();
  };
  return (
    <FormDialog title={t.views.save} action={t.common.save} onClose={onClose} onSubmit={submit}>
      {() => (
        <TextInput
          data-autofocus
          label={t.common.name}
          description={isTaken ? t.views.replaces : t.views.saveHint}
          required
          pattern=".*\S.*"
          maxLength={MAX_VIEW_NAME}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}

function Edit({ path, onClose }: { readonly path: string; readonly onClose: () => void }) {
  const t = useWords();
  useFocusReturn(true);
  const { views } = useSavedViews();
  const own = views.filter((view) => view.path === path);
  return (
    <Modal opened onClose={onClose} title={t.views.edit} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack>
        {own.length === 0 ? <Text size="sm">{t.views.none}</Text> : null}
        {own.map((view) => (
          <EditOne key={view.name} view={view} />
        ))}
      </Stack>
    </Modal>
  );
}

function EditOne({ view }: { readonly view: SavedView }) {
  const t = useWords();
  const { rename, remove } = useSavedViews();
  const [name, setName] = useState(view.name);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    rename(view, name.trim());
  };
  return (
    <form onSubmit={submit}>
      <Group gap="xs" align="end" wrap="nowrap">
        <TextInput
          label={t.views.nameOf({ name: view.name })}
          required
          pattern=".*\S.*"
          maxLength={MAX_VIEW_NAME}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={name.trim() === view.name}>
          {t.views.rename}
        </Button>
        <Button
          variant="default"
          color="red"
          aria-label={t.views.removeOf({ name: view.name })}
          onClick={() => remove(view)}
        >
          {t.views.remove}
        </Button>
      </Group>
    </form>
  );
}
