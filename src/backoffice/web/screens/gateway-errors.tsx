import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { DataTable, type Column } from '../blocks/data-table.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import type { Figures } from './gateway-words.js';

type Row = Figures['errors'][number];

/** The codes that attempts ended with, as the gateway or its adapter names them. */
export function GatewayErrors({ errors }: { readonly errors: readonly Row[] }) {
  const t = useWords();
  const language = useLanguage();
  const columns = useMemo((): readonly Column<Row>[] => {
    const states: Readonly<Record<string, string>> = t.payments.attemptStates;
    const blames: Readonly<Record<string, string>> = t.payments.blames;
    return [
      {
        id: 'code',
        header: t.gateways.error,
        cell: ({ code }) => (
          <Text size="sm" className="wraps">
            {code}
          </Text>
        ),
      },
      { id: 'status', header: t.common.status, cell: ({ status }) => states[status] ?? status },
      {
        id: 'blame',
        header: t.gateways.blame,
        cell: ({ blame }) => (blame === null ? t.common.none : (blames[blame] ?? blame)),
      },
      { id: 'count', header: t.gateways.count, align: 'right', cell: ({ count }) => formatNumber(language, count) },
    ];
  }, [t, language]);
  if (errors.length === 0) return null;
  return (
    <DataTable
      label={t.gateways.errors}
      columns={columns}
      rows={errors}
      rowKey={({ code, status, blame }) => `${code} ${status} ${blame}`}
      empty={{ title: t.gateways.noErrors, hint: '' }}
    />
  );
}
