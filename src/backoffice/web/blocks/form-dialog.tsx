import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useWords } from '../i18n/i18n.js';
import { ProblemAlert } from './problem-alert.js';
import { useFocusReturn } from './use-focus-return.js';

interface FormDialogProps {
  readonly title: string;
  readonly action: string;
  readonly size?: 'md' | 'lg';
  readonly onClose: () => void;
  /** It is closed when this has succeeded. */
  readonly onSubmit: () => Promise<void>;
  /** @param error of the last try, for the fields */
  readonly children: (error: unknown) => ReactNode;
}

/** A form in a dialog. Mounted while it is open, so that it begins empty each time. */
export function FormDialog({ title, action, size = 'md', onClose, onSubmit, children }: FormDialogProps) {
  const t = useWords();
  useFocusReturn(true);
  const submitted = useMutation({ mutationFn: onSubmit, onSuccess: onClose });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    submitted.mutate();
  };
  return (
    <Modal opened size={size} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t.common.close }}>
      <form onSubmit={submit}>
        <Stack>
          {children(submitted.error)}
          <ProblemAlert error={submitted.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t.common.cancel}
            </Button>
            <Button type="submit" loading={submitted.isPending}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
