import { useMemo } from 'react';
import { given } from '../api/client.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { Page } from '../blocks/page.js';
import { useFilters } from '../blocks/use-filters.js';
import { sourcesBankLines, type BankLine } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useLivemode } from '../shell/mode.js';
import { useBankLineColumns } from './line-columns.js';
import { CURRENCIES } from '../i18n/format.js';
import { ListFilters, type FilterField } from '../blocks/list-filters.js';

const FILTERS = ['account', 'currency', 'amount', 'from', 'to'] as const;
type Filter = (typeof FILTERS)[number];

/** What banks have booked: each entry once, in however many statements it stands. */
export function BankLines() {
  const t = useWords();
  const livemode = useLivemode();
  const filters = useFilters(FILTERS);
  const { amount, currency, ...others } = filters.values;
  const query = {
    livemode,
    ...given({
      ...others,
      currency: CURRENCIES.find((each) => each === currency),
      amount: amount !== undefined && /^-?\d{1,15}$/.test(amount) ? Number(amount) : undefined,
    }),
  };
  const columns = useBankLineColumns();
  const withSource = useMemo<readonly Column<BankLine>[]>(
    () => [
      ...columns,
      { id: 'source', header: t.reconciliation.breaks.source, cell: ({ source }) => <IdLink>{source}</IdLink> },
    ],
    [columns, t],
  );
  return (
    <Page
      title={t.screens.bankLines}
      actions={
        <ExportCsv
          name="bank-lines"
          ask={(cursor) =>
            sourcesBankLines({
              query: { ...query, format: 'csv', ...given({ starting_after: cursor }) },
              parseAs: 'text',
            })
          }
        />
      }
    >
      <ListFilters filters={filters} fields={useBankFields()} />
      <ListedPage
        label={t.screens.bankLines}
        filters={filters}
        columns={withSource}
        queryKey={['bank-lines', query]}
        ask={(after, signal) => sourcesBankLines({ query: { ...query, ...given({ starting_after: after }) }, signal })}
        empty={{ title: t.books.bankLines.empty, hint: t.books.bankLines.emptyHint }}
      />
    </Page>
  );
}

function useBankFields(): readonly FilterField<Filter>[] {
  const t = useWords();
  return useMemo(() => {
    const { bankLines } = t.books;
    return [
      { name: 'account', label: bankLines.account, as: 'text', placeholder: bankLines.accountHint },
      { name: 'currency', label: t.payments.currency, as: 'currency' },
      { name: 'amount', label: bankLines.amount, as: 'signed' },
      { name: 'from', label: bankLines.bookedFrom, as: 'day' },
      { name: 'to', label: bankLines.bookedTo, as: 'day' },
    ];
  }, [t]);
}
