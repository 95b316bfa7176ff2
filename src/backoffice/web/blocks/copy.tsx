import { Button, CopyButton } from '@mantine/core';
import { useWords } from '../i18n/i18n.js';

export function Copy({ value }: { readonly value: string }) {
  const t = useWords();
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button size="xs" variant="default" onClick={copy}>
          {copied ? t.common.copied : t.common.copy}
        </Button>
      )}
    </CopyButton>
  );
}
