import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../i18n/i18n.js';

/** Colours only repeat what the word says. */
const COLOURS = { good: 'teal', bad: 'red', waiting: 'yellow', plain: 'gray' } as const;

export function State({ is, children }: { readonly is: keyof typeof COLOURS; readonly children: ReactNode }) {
  return (
    <Badge color={COLOURS[is]} variant="outline" className={`state state-${is}`} tt="none">
      {children}
    </Badge>
  );
}

export function ModeBadge({ livemode }: { readonly livemode: boolean }) {
  const t = useWords();
  return (
    <Badge
      variant="filled"
      className={livemode ? 'mode-live' : 'mode-test'}
      title={livemode ? t.mode.isLive : t.mode.isTest}
    >
      {livemode ? t.mode.live : t.mode.test}
    </Badge>
  );
}
