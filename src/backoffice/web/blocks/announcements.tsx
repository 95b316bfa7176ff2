import { Notification, Stack } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { signal } from '../api/signal.js';
import { useWords } from '../i18n/i18n.js';

/** Long enough to be read twice. */
const SHOWN_MS = 6_000;

interface Announcement {
  readonly key: number;
  readonly text: string;
}

const announcements = signal<readonly Announcement[]>([]);
let nextKey = 0;

const withdraw = (key: number): void =>
  announcements.set(announcements.read().filter((announcement) => announcement.key !== key));

/** Says that something was done, also to who listens. */
export function announce(text: string): void {
  const key = nextKey;
  nextKey += 1;
  announcements.set([...announcements.read(), { key, text }]);
  setTimeout(() => withdraw(key), SHOWN_MS);
}

export function Announcements() {
  const t = useWords();
  const shown = useSyncExternalStore(announcements.subscribe, announcements.read);
  return (
    <Stack className="announcements" gap="xs" role="status" aria-live="polite">
      {shown.map(({ key, text }) => (
        <Notification
          key={key}
          color="teal"
          withBorder
          role="presentation"
          onClose={() => withdraw(key)}
          closeButtonProps={{ 'aria-label': t.common.close }}
        >
          {text}
        </Notification>
      ))}
    </Stack>
  );
}
