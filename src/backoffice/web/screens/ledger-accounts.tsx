import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { Amount } from '../blocks/amount.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { ListFilters } from '../blocks/list-filters.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { adminAccountsList, type AdminAccountsListData, type LedgerAccount } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode, type Mode } from '../shell/mode.js';
import { ACCOUNT_KINDS, AccountState, useKindName } from './ledger-words.js';
import { CURRENCIES } from '../i18n/format.js';

const FILTERS = ['merchant', 'kind', 'currency'] as const;
type Values = Readonly<Partial<Record<(typeof FILTERS)[number], string>>>;

/** What the address asks for; what it says that cannot be is left out. */
function queryOf(mode: Mode, { merchant, kind, currency }: Values): AdminAccountsListData['query'] {
  return {
    livemode: mode === 'live' ? 'true' : 'false',
    ...given({
      merchant,
      kind: ACCOUNT_KINDS.find((each) => each === kind),
      currency: CURRENCIES.find((each) => each === currency),
    }),
  };
}

/** Accounts of all merchants and of the platform, in the mode that one is in. */
export function LedgerAccounts() {
  const t = useWords();
  const mode = useMode();
  const kindName = useKindName();
  const filters = useFilters(FILTERS);
  const { values } = filters;
  const query = queryOf(mode, values);
  const columns = useAccountColumns();
  return (
    <Page
      title={t.screens.ledgerAccounts}
      actions={
        <ExportCsv
          name="ledger_accounts"
          ask={(cursor) =>
            adminAccountsList({
              query: { ...query, ...csvAfter(cursor) },
              parseAs: 'text',
            })
          }
        />
      }
    >
      <ListFilters
        filters={filters}
        fields={[
          { name: 'merchant', label: t.payments.merchant, as: 'text', placeholder: 'mer_…' },
          {
            name: 'kind',
            label: t.ledger.kind,
            as: 'select',
            options: [
              { value: '', label: t.payments.any },
              ...ACCOUNT_KINDS.map((value) => ({ value, label: kindName(value) })),
            ],
          },
          { name: 'currency', label: t.payments.currency, as: 'currency' },
        ]}
      />
      <ListedPage
        label={t.screens.ledgerAccounts}
        filters={filters}
        columns={columns}
        queryKey={['ledger-accounts', query]}
        ask={(after, signal) => adminAccountsList({ query: { ...query, ...given({ starting_after: after }) }, signal })}
        empty={{ title: t.trialBalance.empty, hint: t.trialBalance.emptyHint }}
      />
    </Page>
  );
}

function useAccountColumns(): readonly Column<LedgerAccount>[] {
  const t = useWords();
  const kindName = useKindName();
  return useMemo(
    () => [
      {
        id: 'kind',
        header: t.trialBalance.account,
        cell: ({ id, kind, name }) => (
          <Stack gap={2}>
            <LinkAnchor to={`/ledger-accounts/${id}`}>{name ?? kindName(kind)}</LinkAnchor>
            <Text size="xs" className="id">
              {id}
            </Text>
          </Stack>
        ),
      },
      {
        id: 'owner',
        header: t.ledger.owner,
        cell: (account) => (account.merchant_id === null ? t.ledger.platform : <IdLink>{account.merchant_id}</IdLink>),
      },
      { id: 'currency', header: t.payments.currency, cell: ({ currency }) => currency },
      {
        id: 'balance',
        header: t.trialBalance.balance,
        align: 'right',
        cell: ({ balance, currency }) => <Amount minor={balance} currency={currency} />,
      },
      { id: 'state', header: t.common.status, cell: ({ state }) => <AccountState state={state} /> },
      { id: 'created', header: t.common.created, cell: (account) => <Time at={account.created_at} /> },
    ],
    [t, kindName],
  );
}
