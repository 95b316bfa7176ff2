import { Group, NativeSelect, Text, TextInput, Button } from '@mantine/core';
import { useMemo, useState, type FormEvent } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { ExportCsv } from '../blocks/export-csv.js';
import type { Column } from '../blocks/data-table.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { inboundAdminWebhooks, type GatewayWebhookListed } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

const FILTERS = ['outcome', 'gateway'] as const;
const DOUBTS = ['contradicted', 'unmatched', 'quarantined', 'all'] as const;

/** The payment, refund or payout that a webhook is about; undefined: none of ours. */
export const subjectOf = (row: Pick<GatewayWebhookListed, 'payment_id' | 'refund_id' | 'payout_id'>) =>
  row.payment_id ?? row.refund_id ?? row.payout_id;

/** What gateways told us, first of all what should not be. */
export function GatewayWebhooks() {
  const t = useWords();
  const words = t.gateways.webhooks;
  const filters = useFilters(FILTERS);
  const { values, set } = filters;
  const outcome = DOUBTS.find((each) => each === values.outcome);
  const query = given({ outcome, gateway: values.gateway });
  const columns = useWebhookColumns();
  return (
    <Page
      title={t.screens.gatewayWebhooks}
      actions={
        <ExportCsv
          name="gateway_webhooks"
          ask={(cursor) => inboundAdminWebhooks({ query: { ...query, ...csvAfter(cursor) }, parseAs: 'text' })}
        />
      }
    >
      <Text size="sm">{words.intro}</Text>
      <Group gap="sm" align="end">
        <NativeSelect
          label={words.doubt}
          value={outcome ?? ''}
          onChange={(event) => set({ outcome: event.currentTarget.value })}
          data={(['', ...DOUBTS] as const).map((value) => ({ value: value as string, label: words.doubts[value] }))}
        />
        <GatewayFilter key={values.gateway} gateway={values.gateway} onSet={(gateway) => set({ gateway })} />
      </Group>
      <ListedPage
        label={t.screens.gatewayWebhooks}
        filters={filters}
        columns={columns}
        queryKey={['gateway-webhooks', query]}
        ask={(after, signal) =>
          inboundAdminWebhooks({ query: { ...query, ...given({ starting_after: after }) }, signal })
        }
        empty={{ title: words.empty, hint: words.emptyHint }}
        isFiltered={outcome !== undefined || values.gateway !== undefined}
      />
    </Page>
  );
}

interface GatewayFilterProps {
  readonly gateway: string | undefined;
  readonly onSet: (gateway: string) => void;
}

function GatewayFilter({ gateway, onSet }: GatewayFilterProps) {
  const t = useWords();
  const [typed, setTyped] = useState(gateway ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSet(typed.trim());
  };
  return (
    <form onSubmit={submit} role="search">
      <Group gap="xs" align="end">
        <TextInput
          label={t.gateways.gateway}
          maxLength={32}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          {t.common.filter}
        </Button>
      </Group>
    </form>
  );
}

function useWebhookColumns(): readonly Column<GatewayWebhookListed>[] {
  const t = useWords();
  return useMemo(() => {
    const words = t.gateways.webhooks;
    return [
      {
        id: 'event',
        header: words.event,
        cell: (row) => (
          <LinkAnchor to={`/gateway-webhooks/${row.id}`} className="wraps">
            {row.event_type}
          </LinkAnchor>
        ),
      },
      {
        id: 'gateway',
        header: t.gateways.gateway,
        cell: (row) => (
          <span className="wraps">
            {row.gateway}/{row.gateway_account}
          </span>
        ),
      },
      { id: 'outcome', header: words.outcome, cell: ({ outcome }) => outcome ?? words.underWay },
      {
        id: 'about',
        header: words.about,
        cell: (row) => {
          const subject = subjectOf(row);
          return subject === undefined ? words.nothing : <IdLink>{subject}</IdLink>;
        },
      },
      {
        id: 'reference',
        header: words.reference,
        cell: ({ reference }) => (reference === null ? t.common.none : <Id>{reference}</Id>),
      },
      { id: 'deliveries', header: words.deliveries, align: 'right', cell: ({ deliveries }) => deliveries },
      { id: 'received', header: words.received, cell: (row) => <Time at={row.received_at} /> },
    ];
  }, [t]);
}
