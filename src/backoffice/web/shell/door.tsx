import { Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { chooseLanguage, LANGUAGES, useLanguage, useWords, type Language } from '../i18n/i18n.js';

/** What stands around a screen without a session. */
export function Door({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const t = useWords();
  const language = useLanguage();
  useEffect(() => {
    document.title = t.app.title({ screen: title });
  }, [t, title]);
  return (
    <main className="door">
      <Stack>
        <Group justify="space-between">
          <Text fw={700}>{t.app.name}</Text>
          <NativeSelect
            size="xs"
            aria-label={t.shell.language}
            value={language}
            onChange={(event) => void chooseLanguage(event.currentTarget.value as Language)}
            data={(Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: LANGUAGES[value] }))}
          />
        </Group>
        <Title order={1} size="h3">
          {title}
        </Title>
        {children}
      </Stack>
    </main>
  );
}
