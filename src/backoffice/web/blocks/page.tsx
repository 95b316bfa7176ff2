import { Group, Stack, Title } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { useEffect, type ReactNode } from 'react';
import { useWords } from '../i18n/i18n.js';
import { isListPath } from '../shell/offered.js';
import { SavedViews } from './saved-views.js';

interface PageProps {
  readonly title: string;
  /** What can be done here, most important first. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** Every screen is one: its name is the only h1, and the name of the window. Those with filters offer to keep them. */
export function Page({ title, actions, children }: PageProps) {
  const t = useWords();
  const { pathname } = useLocation();
  useEffect(() => {
    document.title = t.app.title({ screen: title });
  }, [t, title]);
  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="sm">
        <Title order={1} size="h2" className="wraps">
          {title}
        </Title>
        <Group gap="xs">
          {actions}
          {isListPath(pathname) ? <SavedViews path={pathname} /> : null}
        </Group>
      </Group>
      {children}
    </Stack>
  );
}

interface SectionProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, actions, children }: SectionProps) {
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <Group justify="space-between" gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {actions === undefined ? null : <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
