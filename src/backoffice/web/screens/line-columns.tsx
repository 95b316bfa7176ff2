import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { Amount } from '../blocks/amount.js';
import { State } from '../blocks/badges.js';
import type { Column } from '../blocks/data-table.js';
import { Time } from '../blocks/time.js';
import type { BankLine, ReconciliationLine } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

export const isBankLine = (line: BankLine | ReconciliationLine): line is BankLine => line.object === 'bank_line';

/** Lines of a gateway's books. */
export function useLineColumns(): readonly Column<ReconciliationLine>[] {
  const t = useWords();
  return useMemo(() => {
    const { breaks } = t.reconciliation;
    const { sources } = t.books;
    return [
      { id: 'line', header: sources.atLine, align: 'right', cell: ({ line }) => line },
      {
        id: 'reference',
        header: t.payments.reference,
        cell: ({ reference, gateway_id: theirs }) => (
          <Stack gap={0}>
            <Text size="sm" className="wraps">
              {reference ?? t.common.none}
            </Text>
            <Text size="xs" c="dimmed" className="wraps">
              {theirs}
            </Text>
          </Stack>
        ),
      },
      { id: 'kind', header: t.reconciliation.kind, cell: ({ kind }) => breaks.lineKinds[kind] },
      { id: 'status', header: t.common.status, cell: ({ status }) => breaks.statuses[status] },
      {
        id: 'amount',
        header: t.payments.amount,
        align: 'right',
        cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
      },
      {
        id: 'fee',
        header: breaks.fee,
        align: 'right',
        cell: ({ fee, currency }) => (fee === null ? t.common.none : <Amount minor={fee} currency={currency} />),
      },
      { id: 'at', header: breaks.occurred, cell: (line) => <Time at={line.occurred_at} /> },
    ];
  }, [t]);
}

/** Entries of banks. */
export function useBankLineColumns(): readonly Column<BankLine>[] {
  const t = useWords();
  const language = useLanguage();
  return useMemo(() => {
    const { bankLines } = t.books;
    return [
      { id: 'booked', header: bankLines.bookedOn, cell: (line) => line.booked_on },
      { id: 'account', header: bankLines.account, cell: ({ account }) => account },
      {
        id: 'amount',
        header: t.payments.amount,
        align: 'right',
        cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
      },
      {
        id: 'text',
        header: bankLines.text,
        cell: ({ description, is_reversal: isReversal, parts }) => (
          <Stack gap={2}>
            <Text size="sm" className="wraps">
              {description ?? t.common.none}
            </Text>
            {isReversal ? <State is="bad">{bankLines.reversal}</State> : null}
            {parts > 0 ? <Text size="xs">{bankLines.parts({ count: formatNumber(language, parts) })}</Text> : null}
          </Stack>
        ),
      },
      {
        id: 'references',
        header: bankLines.references,
        cell: ({ references }) => (
          <Text size="xs" className="wraps">
            {Object.values(references).join(', ')}
          </Text>
        ),
      },
    ];
  }, [t, language]);
}
