import { Checkbox, Group, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { Amount } from '../blocks/amount.js';
import { State } from '../blocks/badges.js';
import type { Column } from '../blocks/data-table.js';
import { IdLink } from '../blocks/id-link.js';
import { LinkAnchor } from '../blocks/link.js';
import { useWords } from '../i18n/i18n.js';
import {
  Age,
  BreakState,
  Differences,
  MadeBy,
  ResolutionState,
  useBreakName,
  type Break,
} from './reconciliation-words.js';

export interface Choice {
  readonly chosen: ReadonlySet<string>;
  readonly setChosen: (chosen: ReadonlySet<string>) => void;
}

/** What is asked for already is decided first. */
export const canBeResolved = ({ status, resolution }: Pick<Break, 'status' | 'resolution'>): boolean =>
  status === 'open' && resolution?.status !== 'proposed';

/** @param choice absent: nothing can be done with them */
export function useBreakColumns(choice?: Choice): readonly Column<Break>[] {
  const t = useWords();
  const nameOf = useBreakName();
  return useMemo(() => {
    const { breaks } = t.reconciliation;
    const columns: readonly Column<Break>[] = [
      {
        id: 'about',
        header: breaks.about,
        cell: (found) => (
          <LinkAnchor to={`/breaks/${found.id}`} className="wraps">
            {nameOf(found)}
          </LinkAnchor>
        ),
      },
      {
        id: 'kind',
        header: breaks.kind,
        cell: ({ kind, side }) => (
          <Stack gap={0}>
            <Text size="sm">{breaks.kinds[kind]}</Text>
            <Text size="xs" c="dimmed">
              {breaks.side} {breaks.sides[side]}
            </Text>
          </Stack>
        ),
      },
      { id: 'differences', header: breaks.differences, cell: (found) => <Differences found={found} /> },
      {
        id: 'stake',
        header: breaks.stake,
        align: 'right',
        cell: ({ amount, currency }) =>
          amount === null || currency === null ? t.common.none : <Amount minor={amount} currency={currency} />,
      },
      {
        id: 'gateway',
        header: t.payments.gateway,
        cell: ({ gateway, gateway_account: account }) => (
          <Stack gap={0}>
            <Text size="sm">{gateway}</Text>
            <IdLink>{account}</IdLink>
          </Stack>
        ),
      },
      { id: 'age', header: breaks.age, cell: (found) => <Age seconds={found.age_seconds} /> },
      { id: 'state', header: breaks.state, cell: (found) => <Standing found={found} /> },
    ];
    if (choice === undefined) return columns;
    return [choiceColumn(choice, (found) => breaks.select({ name: nameOf(found) })), ...columns];
  }, [t, nameOf, choice]);
}

function choiceColumn({ chosen, setChosen }: Choice, nameOf: (found: Break) => string): Column<Break> {
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return {
    id: 'choice',
    header: '',
    cell: (found) =>
      canBeResolved(found) ? (
        <Checkbox aria-label={nameOf(found)} checked={chosen.has(found.id)} onChange={() => toggle(found.id)} />
      ) : null,
  };
}

/** Whether it is open, what was decided about it, and by whom: people, or the program. */
export function Standing({ found }: { readonly found: Pick<Break, 'status' | 'resolution' | 'asked'> }) {
  const t = useWords();
  const { resolution } = found;
  return (
    <Group gap={4}>
      <BreakState found={found} />
      {found.status === 'open' && found.asked ? (
        <State is="plain">
          <span title={t.reconciliation.breaks.askedHint}>{t.reconciliation.breaks.asked}</span>
        </State>
      ) : null}
      {resolution === null ? null : (
        <>
          <LinkAnchor to={`/resolutions/${resolution.id}`} size="sm">
            {t.reconciliation.resolve.actions[resolution.action]}
          </LinkAnchor>
          <ResolutionState status={resolution.status} />
          <MadeBy automatic={resolution.automatic} />
        </>
      )}
    </Group>
  );
}
