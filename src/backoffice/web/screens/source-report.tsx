import { useMemo } from 'react';
import { Amount } from '../blocks/amount.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import type { ReconciliationSource } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

type Report = NonNullable<ReconciliationSource['report']>;
type Total = Report['totals'][number];
type Statement = Report['statements'][number];

/** What a file comes to, by currency and status. */
export function Totals({ totals }: { readonly totals: readonly Total[] }) {
  const t = useWords();
  const language = useLanguage();
  const columns = useMemo<readonly Column<Total>[]>(() => {
    const { sources } = t.books;
    const statuses: Readonly<Record<string, string>> = t.reconciliation.breaks.statuses;
    const sum = (name: 'credit' | 'debit' | 'fee'): Column<Total> => ({
      id: name,
      header: sources[name],
      align: 'right',
      cell: (total) => <Amount minor={total[name]} currency={total.currency} />,
    });
    return [
      { id: 'currency', header: t.reconciliation.currency, cell: ({ currency }) => currency },
      { id: 'status', header: t.common.status, cell: ({ status }) => statuses[status] ?? status },
      { id: 'lines', header: sources.lines, align: 'right', cell: ({ lines }) => formatNumber(language, lines) },
      sum('credit'),
      sum('debit'),
      sum('fee'),
    ];
  }, [t, language]);
  return (
    <DataTable
      label={t.books.sources.totals}
      columns={columns}
      rows={totals}
      rowKey={({ currency, status }) => `${currency} ${status}`}
      empty={{ title: t.common.nothing, hint: '' }}
    />
  );
}

/** Balances of a bank's statements. */
export function Statements({ statements }: { readonly statements: readonly Statement[] }) {
  const t = useWords();
  const columns = useMemo<readonly Column<Statement>[]>(() => {
    const { sources } = t.books;
    return [
      { id: 'account', header: sources.account, cell: ({ account }) => account ?? t.common.none },
      {
        id: 'opening',
        header: sources.opening,
        align: 'right',
        cell: (statement) => <Amount minor={statement.opening_balance} currency={statement.currency} />,
      },
      {
        id: 'credit',
        header: sources.credit,
        align: 'right',
        cell: ({ credit, currency }) => <Amount minor={credit} currency={currency} />,
      },
      {
        id: 'debit',
        header: sources.debit,
        align: 'right',
        cell: ({ debit, currency }) => <Amount minor={debit} currency={currency} />,
      },
      {
        id: 'closing',
        header: sources.closing,
        align: 'right',
        cell: (statement) => <Amount minor={statement.closing_balance} currency={statement.currency} />,
      },
      {
        id: 'days',
        header: sources.coverage,
        cell: (statement) => `${statement.opened_on ?? t.common.none} – ${statement.closed_on ?? t.common.none}`,
      },
    ];
  }, [t]);
  return (
    <DataTable
      label={t.books.sources.statements}
      columns={columns}
      rows={statements}
      rowKey={(statement) => `${statement.account} ${statement.id} ${statement.opened_on}`}
      empty={{ title: t.common.nothing, hint: '' }}
    />
  );
}
