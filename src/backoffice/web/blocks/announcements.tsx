import { Notification, Stack } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { signal } from '../api/signal.js';
import { useWords } from '../i18n/i18n.js';
import { LinkAnchor } from './link.js';

/** Long enough to be read twice. */
const SHOWN_MS = 6_000;
/** Long enough to be reached with the keyboard, too. */
const WITH_LINK_MS = 20_000;

interface Target {
  readonly to: string;
  readonly label: string;
}

interface Announcement {
  readonly key: number;
  readonly text: string;
  readonly target: Target | undefined;
}

const announcements = signal<readonly Announcement[]>([]);
let nextKey = 0;

const withdraw = (key: number): void =>
  announcements.set(announcements.read().filter((announcement) => announcement.key !== key));

/** Says that something was done, also to who listens; and where it can be seen. */
export function announce(text: string, target?: Target): void {
  const key = nextKey;
  nextKey += 1;
  announcements.set([...announcements.read(), { key, text, target }]);
  setTimeout(() => withdraw(key), target === undefined ? SHOWN_MS : WITH_LINK_MS);
}

/** Something waits for another person: the notice leads there. */
export const announceAsked = (text: string, id: string): void => announce(text, { to: `/approvals/${id}`, label: id });

export function Announcements() {
  const t = useWords();
  const shown = useSyncExternalStore(announcements.subscribe, announcements.read);
  return (
    <Stack className="announcements" gap="xs" role="status" aria-live="polite">
      {shown.map(({ key, text, target }) => (
        <Notification
          key={key}
          color="teal"
          withBorder
          role="presentation"
          onClose={() => withdraw(key)}
          closeButtonProps={{ 'aria-label': t.common.close }}
        >
          {text}{' '}
          {target === undefined ? null : (
            <LinkAnchor to={target.to} className="wraps" onClick={() => withdraw(key)}>
              {target.label}
            </LinkAnchor>
          )}
        </Notification>
      ))}
    </Stack>
  );
}
