import { Group, Stack, Text } from '@mantine/core';
import { LinkButton } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { useWords } from '../i18n/i18n.js';

export function NotFound() {
  const t = useWords();
  return (
    <Page title={t.shell.notFound}>
      <Stack>
        <Text>{t.shell.notFoundHint}</Text>
        <Group>
          <LinkButton to="/">{t.shell.home}</LinkButton>
        </Group>
      </Stack>
    </Page>
  );
}
