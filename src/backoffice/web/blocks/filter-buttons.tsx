import { Button, Group } from '@mantine/core';
import { useWords } from '../i18n/i18n.js';

/** Below the fields of a list's filter: to have it, and to be rid of it where there is one. */
export function FilterButtons({ isFiltered, clear }: { readonly isFiltered: boolean; readonly clear: () => void }) {
  const t = useWords();
  return (
    <Group gap="xs" pt="sm">
      <Button type="submit" variant="default">
        {t.common.filter}
      </Button>
      {isFiltered ? (
        <Button variant="subtle" onClick={clear} className="quiet">
          {t.common.clear}
        </Button>
      ) : null}
    </Group>
  );
}
