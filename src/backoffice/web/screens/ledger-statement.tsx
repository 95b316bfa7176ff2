import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { answerOf, given } from '../api/client.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { Facts } from '../blocks/facts.js';
import { ListFilters } from '../blocks/list-filters.js';
import { LinkAnchor } from '../blocks/link.js';
import { Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import {
  adminStatementsStatement,
  type LedgerAccount,
  type LedgerEntry,
  type LedgerStatement,
} from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { VerifyStatement } from './ledger-verify.js';
import { Source } from './ledger-words.js';

/** `to` is what was booked before: the statement as of that moment. */
const FILTERS = ['from', 'to'] as const;

/** What moved an account in a period, the oldest first, and what stood on it before, after each entry, and at the end. */
export function Statement({ account: { id } }: { readonly account: LedgerAccount }) {
  const t = useWords();
  const filters = useFilters(FILTERS);
  const { values, after } = filters;
  const statement = useQuery({
    queryKey: ['ledger-statement', id, values, after],
    queryFn: ({ signal }) =>
      answerOf(adminStatementsStatement({ path: { id }, query: given({ ...values, starting_after: after }), signal })),
  });
  const to = statement.data?.to;
  return (
    <Section
      title={t.ledger.statement}
      actions={
        <ExportCsv
          name={id}
          ask={(cursor) =>
            adminStatementsStatement({
              path: { id },
              // All pages of the file are of the statement that is shown.
              query: { ...given({ ...values, to, starting_after: cursor }), format: 'csv' },
              parseAs: 'text',
            })
          }
        />
      }
    >
      <ListFilters
        filters={filters}
        fields={[
          { name: 'from', label: t.ledger.from, as: 'moment' },
          { name: 'to', label: t.ledger.to, as: 'moment' },
        ]}
      />
      <Async query={statement}>{(found) => <Found statement={found} filters={filters} />}</Async>
      <VerifyStatement id={id} from={values.from} to={to} />
    </Section>
  );
}

interface FoundProps {
  readonly statement: LedgerStatement;
  readonly filters: ReturnType<typeof useFilters<(typeof FILTERS)[number]>>;
}

function Found({ statement, filters }: FoundProps) {
  const t = useWords();
  const navigate = useNavigate();
  const { currency, data, page, to } = statement;
  const columns = useEntryColumns(currency);
  const paging = filters.pages(statement.has_more, undefined);
  // The pages that follow are of the same statement, whatever is booked meanwhile.
  const goOn = (): void =>
    void navigate({ to: '.', search: (old: object) => ({ ...old, to, after: data.at(-1)?.id }) });
  const amount = (key: string, minor: number) => <Amount key={key} minor={minor} currency={currency} />;
  return (
    <>
      <Facts
        facts={[
          [t.ledger.opening, amount('opening', statement.opening_balance)],
          [t.ledger.closing, amount('closing', statement.closing_balance)],
          [t.ledger.asOf, <Time key="to" at={to} />],
          [t.ledger.entries, statement.entries],
          [t.ledger.pageDebits, amount('debits', page.debits)],
          [t.ledger.pageCredits, amount('credits', page.credits)],
        ]}
      />
      {data.length === 0 ? null : (
        <Text size="sm">
          {t.ledger.carried} <Amount minor={page.opening_balance} currency={currency} />
        </Text>
      )}
      <DataTable
        label={t.ledger.statement}
        columns={columns}
        rows={data}
        rowKey={({ id }) => id}
        empty={{ title: t.ledger.noEntries, hint: t.ledger.noEntriesHint }}
        pages={{ ...paging, onNext: goOn }}
      />
      {data.length === 0 ? null : (
        <Text size="sm">
          {t.ledger.leaves} <Amount minor={page.closing_balance} currency={currency} />
        </Text>
      )}
    </>
  );
}

/** The debit always before the credit, as in every book. */
function useEntryColumns(currency: string): readonly Column<LedgerEntry>[] {
  const t = useWords();
  return useMemo(() => {
    const side = (direction: 'debit' | 'credit', header: string): Column<LedgerEntry> => ({
      id: direction,
      header,
      align: 'right',
      cell: (entry) => (entry.direction === direction ? <Amount minor={entry.amount} currency={currency} /> : null),
    });
    return [
      {
        id: 'booked',
        header: t.ledger.booked,
        cell: (entry) => (
          <LinkAnchor to={`/transfers/${entry.transfer_id}`}>
            <Time at={entry.created_at} />
          </LinkAnchor>
        ),
      },
      { id: 'kind', header: t.ledger.what, cell: ({ kind }) => kind },
      { id: 'source', header: t.ledger.source, cell: (entry) => <Source about={entry} /> },
      side('debit', t.ledger.debit),
      side('credit', t.ledger.credit),
      {
        id: 'balance',
        header: t.trialBalance.balance,
        align: 'right',
        cell: ({ balance }) => <Amount minor={balance} currency={currency} />,
      },
    ];
  }, [t, currency]);
}
