import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { save } from '../api/csv.js';
import { useWords } from '../i18n/i18n.js';
import { Copy } from './copy.js';

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

/** Shown once. */
export function RecoveryCodes({ codes, onDone }: RecoveryCodesProps) {
  const t = useWords();
  const text = codes.join('\n');
  return (
    <Stack>
      <Text size="sm">{t.secondFactor.codesIntro}</Text>
      <Code block data-testid="recovery-codes">
        {text}
      </Code>
      <Group gap="xs">
        <Copy value={text} />
        <Button
          size="xs"
          variant="default"
          onClick={() => save(new Blob([`${text}\n`], { type: 'text/plain' }), 'sankofa-recovery-codes.txt')}
        >
          {t.common.download}
        </Button>
      </Group>
      <Button onClick={onDone}>{t.secondFactor.codesDone}</Button>
    </Stack>
  );
}
