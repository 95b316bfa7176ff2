import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../i18n/i18n.js';
import { ProblemAlert } from './problem-alert.js';
import { useFocusReturn } from './use-focus-return.js';

interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  /** What will happen, in so many words. */
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly onClose: () => void;
  /** It is closed when this has succeeded; what it throws is shown in it. */
  readonly onConfirm: () => Promise<void>;
}

/** Before what cannot be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const t = useWords();
  useFocusReturn(props.opened);
  const confirmed = useMutation({ mutationFn: props.onConfirm, onSuccess: props.onClose });
  const close = (): void => {
    confirmed.reset();
    props.onClose();
  };
  return (
    <Modal
      opened={props.opened}
      onClose={close}
      title={props.title}
      closeButtonProps={{ 'aria-label': t.common.close }}
    >
      <Stack>
        <Text size="sm" component="div">
          {props.children}
        </Text>
        <ProblemAlert error={confirmed.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {t.common.cancel}
          </Button>
          <Button
            {...(props.isDangerous === true ? { color: 'red' } : {})}
            loading={confirmed.isPending}
            onClick={() => confirmed.mutate()}
          >
            {props.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
