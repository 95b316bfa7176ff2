import { Button, Checkbox, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../i18n/i18n.js';
import { canBeResolved } from './break-columns.js';
import { ResolveBreaks } from './break-resolve.js';
import type { Break } from './reconciliation-words.js';

interface SelectionProps {
  readonly rows: readonly Break[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

/** Resolves several breaks of a page at once. */
export function Selection({ rows, chosen, onChoose }: SelectionProps) {
  const t = useWords();
  const [isOpen, setOpen] = useState(false);
  const resolvable = rows.filter(canBeResolved);
  // What was resolved meanwhile, by oneself or another, is not selected any more.
  const selected = resolvable.filter(({ id }) => chosen.has(id));
  if (resolvable.length === 0) return null;
  const isAll = selected.length === resolvable.length;
  return (
    <Group gap="sm">
      <Checkbox
        label={t.reconciliation.breaks.selectAll}
        checked={isAll}
        indeterminate={selected.length > 0 && !isAll}
        onChange={() => onChoose(new Set(isAll ? [] : resolvable.map(({ id }) => id)))}
      />
      {selected.length === 0 ? null : (
        <>
          <Text size="sm">{t.reconciliation.breaks.selected({ count: selected.length })}</Text>
          <Button size="xs" onClick={() => setOpen(true)}>
            {t.reconciliation.resolve.open}
          </Button>
        </>
      )}
      {isOpen ? (
        <ResolveBreaks breaks={selected} onClose={() => setOpen(false)} onResolved={() => onChoose(new Set())} />
      ) : null}
    </Group>
  );
}
