import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { useWords } from '../i18n/i18n.js';
import { Copy } from './copy.js';

interface SecretDialogProps {
  readonly title: string;
  readonly intro: string;
  /** Undefined: closed. */
  readonly secret: string | undefined;
  readonly onDone: () => void;
}

/** Something that is shown once. It is not closed by a slip: neither by Escape nor by a click beside it. */
export function SecretDialog({ title, intro, secret, onDone }: SecretDialogProps) {
  const t = useWords();
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onDone}
      title={title}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
    >
      <Stack>
        <Text size="sm">{intro}</Text>
        <Code block className="secret" data-testid="secret">
          {secret ?? ''}
        </Code>
        <Group justify="space-between">
          <Copy value={secret ?? ''} />
          <Button onClick={onDone}>{t.common.keepSecret}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
