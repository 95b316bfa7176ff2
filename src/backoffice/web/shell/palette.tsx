import { Modal, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState, type KeyboardEvent } from 'react';
import { useSavedViews, type SavedView } from '../api/saved-views.js';
import { useSession } from '../api/session.js';
import { useFocusReturn } from '../blocks/use-focus-return.js';
import { useWords } from '../i18n/i18n.js';
import type { ScreenName } from '../screens.js';
import { offeredScreens, pageOfId } from './offered.js';

interface Destination {
  readonly key: string;
  readonly label: string;
  readonly to: string;
  readonly filter?: SavedView['filter'];
}

/** Lists that look for whatever names one of theirs, and what the address calls that. */
const SEARCHED = { payments: 'q', refunds: 'q', payouts: 'q', merchants: 'name' } as const satisfies Readonly<
  Partial<Record<ScreenName, string>>
>;
/** With less everything would be found. */
const MIN_SEARCH = 3;

const isSearched = (name: ScreenName): name is keyof typeof SEARCHED => name in SEARCHED;

/** Without accents and capitals: nobody types them in a hurry. */
const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

function useDestinations(text: string): readonly Destination[] {
  const t = useWords();
  const session = useSession();
  const { views } = useSavedViews();
  const page = pageOfId(session, text);
  if (page !== undefined) return [{ key: 'id', label: t.shell.openId({ id: text.trim() }), to: page }];
  const offered = offeredScreens(session);
  const kept = offered.flatMap(({ name, screen }) =>
    views
      .filter(({ path }) => path === screen.path)
      .map((view) => ({
        key: `${name} ${view.name}`,
        label: `${t.screens[name]}: ${view.name}`,
        to: screen.path,
        filter: view.filter,
      })),
  );
  const screens = offered.map(({ name, screen }) => ({ key: name, label: t.screens[name], to: screen.path }));
  const typed = text.trim();
  const searches = offered.flatMap(({ name, screen }) =>
    typed.length >= MIN_SEARCH && isSearched(name)
      ? [
          {
            key: `${name} searched`,
            label: t.shell.searchIn({ screen: t.screens[name], text: typed }),
            to: screen.path,
            filter: { [SEARCHED[name]]: typed },
          },
        ]
      : [],
  );
  return [...[...screens, ...kept].filter(({ label }) => plain(label).includes(plain(typed))), ...searches];
}

/** Ctrl-K: to any screen by its name, to any thing by its id or by what a list finds it by, to what one has kept by the name that one gave it. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const t = useWords();
  useFocusReturn(true);
  const list = useId();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const destinations = useDestinations(text);
  const at = Math.min(chosen, destinations.length - 1);
  const go = (destination: Destination | undefined): void => {
    if (destination === undefined) return;
    onClose();
    void navigate({
      to: destination.to,
      search: (old: Readonly<Record<string, unknown>>) => ({ mode: old['mode'], ...destination.filter }),
    });
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') go(destinations[at]);
    else if (step !== undefined && destinations.length > 0)
      setChosen((at + step + destinations.length) % destinations.length);
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={onClose} title={t.shell.paletteTitle} closeButtonProps={{ 'aria-label': t.common.close }}>
      <Stack gap="xs">
        <TextInput
          data-autofocus
          aria-label={t.shell.paletteTitle}
          placeholder={t.shell.paletteHint}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKey}
          role="combobox"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={at < 0 ? undefined : `${list}-${at}`}
        />
        <div id={list} role="listbox" aria-label={t.shell.navigation}>
          {destinations.map((destination, index) => (
            <UnstyledButton
              key={destination.key}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              className="destination wraps"
              onClick={() => go(destination)}
            >
              {destination.label}
            </UnstyledButton>
          ))}
        </div>
        {destinations.length === 0 ? <Text size="sm">{t.shell.paletteNothing}</Text> : null}
      </Stack>
    </Modal>
  );
}
