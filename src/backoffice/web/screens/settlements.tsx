import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { given } from '../api/client.js';
import { Amount } from '../blocks/amount.js';
import { State } from '../blocks/badges.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { settlementsSettlements, type Settlement } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useLivemode } from '../shell/mode.js';
import { CURRENCIES } from '../i18n/format.js';
import { ListFilters, optionsOf, type FilterField } from '../blocks/list-filters.js';

const FILTERS = ['status', 'received', 'gateway_account', 'currency', 'settled_after', 'settled_before'] as const;
type Filter = (typeof FILTERS)[number];

const STATES = ['settled', 'pending', 'failed'] as const satisfies readonly Settlement['status'][];
const COLOURS = {
  settled: 'good',
  pending: 'waiting',
  failed: 'bad',
} as const satisfies Readonly<Record<Settlement['status'], 'good' | 'bad' | 'waiting'>>;

/** What gateways say that they have paid to the bank, and as which entry it came in there. */
export function Settlements() {
  const t = useWords();
  const livemode = useLivemode();
  const filters = useFilters(FILTERS);
  const { status, received, currency, ...others } = filters.values;
  const query = {
    livemode,
    ...given({
      ...others,
      status: STATES.find((each) => each === status),
      received: (['true', 'false'] as const).find((each) => each === received),
      currency: CURRENCIES.find((each) => each === currency),
    }),
  };
  return (
    <Page
      title={t.screens.settlements}
      actions={
        <ExportCsv
          name="settlements"
          ask={(cursor) =>
            settlementsSettlements({
              query: { ...query, format: 'csv', ...given({ starting_after: cursor }) },
              parseAs: 'text',
            })
          }
        />
      }
    >
      <ListFilters filters={filters} fields={useSettlementFields()} />
      <ListedPage
        label={t.screens.settlements}
        filters={filters}
        columns={useSettlementColumns()}
        queryKey={['settlements', query]}
        ask={(after, signal) =>
          settlementsSettlements({ query: { ...query, ...given({ starting_after: after }) }, signal })
        }
        empty={{ title: t.books.settlements.empty, hint: t.books.settlements.emptyHint }}
      />
    </Page>
  );
}

function useSettlementFields(): readonly FilterField<Filter>[] {
  const t = useWords();
  return useMemo(() => {
    const { settlements } = t.books;
    return [
      {
        name: 'status',
        label: t.common.status,
        as: 'select',
        options: optionsOf(t.payments.any, STATES, settlements.states),
      },
      {
        name: 'received',
        label: settlements.received,
        as: 'select',
        options: [
          { value: '', label: settlements.receivedAny },
          { value: 'true', label: settlements.receivedYes },
          { value: 'false', label: settlements.receivedNo },
        ],
      },
      { name: 'gateway_account', label: t.reconciliation.gatewayAccount, as: 'account' },
      { name: 'currency', label: t.payments.currency, as: 'currency' },
      { name: 'settled_after', label: settlements.after, as: 'moment' },
      { name: 'settled_before', label: settlements.before, as: 'moment' },
    ];
  }, [t]);
}

function useSettlementColumns(): readonly Column<Settlement>[] {
  const t = useWords();
  return useMemo(() => {
    const { settlements } = t.books;
    const money = (name: 'gross' | 'fees' | 'net'): Column<Settlement> => ({
      id: name,
      header: settlements[name],
      align: 'right',
      cell: (settlement) => <Amount minor={settlement[name]} currency={settlement.currency} />,
    });
    return [
      {
        id: 'theirs',
        header: settlements.theirs,
        cell: ({ gateway, gateway_id: theirs }) => (
          <Stack gap={0}>
            <Text size="sm" className="wraps">
              {theirs}
            </Text>
            <Text size="xs" c="dimmed">
              {gateway}
            </Text>
          </Stack>
        ),
      },
      {
        id: 'status',
        header: t.common.status,
        cell: ({ status }) => <State is={COLOURS[status]}>{settlements.states[status]}</State>,
      },
      money('gross'),
      money('fees'),
      money('net'),
      { id: 'at', header: settlements.at, cell: (settlement) => <Time at={settlement.settled_at} /> },
      { id: 'received', header: settlements.received, cell: ({ received }) => <Received received={received} /> },
      {
        id: 'reference',
        header: settlements.bankReference,
        cell: (settlement) => settlement.bank_reference ?? t.common.none,
      },
    ];
  }, [t]);
}

function Received({ received }: Pick<Settlement, 'received'>) {
  const t = useWords();
  const { settlements } = t.books;
  if (received === null) return <State is="waiting">{settlements.receivedNo}</State>;
  return (
    <Stack gap={2}>
      <Time at={received.at} />
      <IdLink>{received.bank_line}</IdLink>
      <Text size="xs" c="dimmed" className="wraps">
        {received.because}
      </Text>
    </Stack>
  );
}
