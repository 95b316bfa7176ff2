import { Alert, Button, Group } from '@mantine/core';
import { useWords } from '../i18n/i18n.js';

/** The server looks so far back at a time: a page that is not full says nothing of what is older. */
export function SoFar({ onGoOn }: { readonly onGoOn: () => void }) {
  const t = useWords();
  return (
    <Alert title={t.payments.soFar} role="status">
      <Group justify="space-between" gap="sm">
        {t.payments.soFarHint}
        <Button size="xs" variant="default" onClick={onGoOn}>
          {t.payments.goOn}
        </Button>
      </Group>
    </Alert>
  );
}
