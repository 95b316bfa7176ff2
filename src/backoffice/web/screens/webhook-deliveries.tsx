import { Code, NativeSelect, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { useMay } from '../api/session.js';
import { ModeBadge } from '../blocks/badges.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { Id } from '../blocks/id.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { webhookDeliveriesList, type AdminWebhookDelivery } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { Redeliver } from './webhook-redeliver.js';

const FILTERS = ['status'] as const;
const STATUSES = ['abandoned', 'failed', 'pending', 'delivered'] as const;
type Status = (typeof STATUSES)[number];

const isStatus = (text: string | undefined): text is Status => STATUSES.some((status) => status === text);

/** What merchants were told, beginning with what never reached them. */
export function WebhookDeliveries() {
  const t = useWords();
  const filters = useFilters(FILTERS);
  const { values, set } = filters;
  const status: Status = isStatus(values.status) ? values.status : 'abandoned';
  const columns = useDeliveryColumns();
  return (
    <Page
      title={t.screens.webhookDeliveries}
      actions={
        <ExportCsv
          name="webhook_deliveries"
          ask={(cursor) => webhookDeliveriesList({ query: { status, ...csvAfter(cursor) }, parseAs: 'text' })}
        />
      }
    >
      <NativeSelect
        maw={240}
        label={t.common.status}
        value={status}
        onChange={(event) => set({ status: event.currentTarget.value })}
        data={STATUSES.map((value) => ({ value, label: t.deliveries.statuses[value] }))}
      />
      <ListedPage
        label={t.screens.webhookDeliveries}
        filters={filters}
        columns={columns}
        queryKey={['webhook-deliveries', status]}
        ask={(after, signal) =>
          webhookDeliveriesList({ query: { status, ...given({ starting_after: after }) }, signal })
        }
        empty={{ title: t.deliveries.empty, hint: t.deliveries.emptyHint }}
        isFiltered={false}
      />
    </Page>
  );
}

function useDeliveryColumns(): readonly Column<AdminWebhookDelivery>[] {
  const t = useWords();
  const mayManage = useMay('webhooks', 'manage');
  return useMemo(() => {
    const columns: readonly Column<AdminWebhookDelivery>[] = [
      {
        id: 'event',
        header: t.deliveries.event,
        cell: (delivery) => (
          <Stack gap={2}>
            <Code className="wraps">{delivery.event_type ?? t.common.none}</Code>
            <Id>{delivery.event_id}</Id>
          </Stack>
        ),
      },
      { id: 'merchant', header: t.deliveries.merchant, cell: ({ merchant_id: id }) => <MerchantLink id={id} /> },
      {
        id: 'mode',
        header: t.keys.mode,
        cell: ({ livemode }) => (livemode === null ? t.common.none : <ModeBadge livemode={livemode} />),
      },
      { id: 'attempts', header: t.deliveries.attempts, align: 'right', cell: ({ attempts }) => attempts },
      {
        id: 'answer',
        header: t.deliveries.answer,
        cell: (delivery) => (
          <Text size="xs" className="wraps">
            {[delivery.last_status, delivery.last_error].filter((part) => part !== null).join(' ') || t.common.none}
          </Text>
        ),
      },
      {
        id: 'last',
        header: t.deliveries.last,
        cell: (delivery) => <Time at={delivery.last_attempt_at} otherwise={t.common.never} />,
      },
    ];
    if (!mayManage) return columns;
    const actions: Column<AdminWebhookDelivery> = {
      id: 'actions',
      header: t.common.actions,
      cell: (delivery) => <Redeliver delivery={delivery} />,
    };
    return [...columns, actions];
  }, [t, mayManage]);
}

function MerchantLink({ id }: { readonly id: string | null }) {
  const t = useWords();
  if (id === null) return <>{t.common.none}</>;
  return (
    <LinkAnchor to={`/merchants/${id}`} className="id">
      {id}
    </LinkAnchor>
  );
}
