import { Alert, Button, Code, NativeSelect, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { Async } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { Id } from '../blocks/id.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { webhookDeliveriesList, webhookDeliveriesRedeliver, type AdminWebhookDelivery } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

const FILTERS = ['status'] as const;
const STATUSES = ['abandoned', 'failed', 'pending', 'delivered'] as const;
type Status = (typeof STATUSES)[number];

const isStatus = (text: string | undefined): text is Status => STATUSES.some((status) => status === text);

/** What merchants were told, beginning with what never reached them. */
export function WebhookDeliveries() {
  const t = useWords();
  const mayManage = useMay('webhooks', 'manage');
  const { values, after, set, pages } = useFilters(FILTERS);
  const [repeated, setRepeated] = useState<AdminWebhookDelivery>();
  const status: Status = isStatus(values.status) ? values.status : 'abandoned';
  const deliveries = useQuery({
    queryKey: ['webhook-deliveries', status, after],
    queryFn: ({ signal }) =>
      answerOf(webhookDeliveriesList({ query: { status, ...given({ starting_after: after }) }, signal })),
  });
  const columns = useDeliveryColumns(mayManage, setRepeated);
  return (
    <Page title={t.screens.webhookDeliveries}>
      <NativeSelect
        maw={240}
        label={t.common.status}
        value={status}
        onChange={(event) => set({ status: event.currentTarget.value })}
        data={STATUSES.map((value) => ({ value, label: t.deliveries.statuses[value] }))}
      />
      <Async query={deliveries}>
        {({ data, has_more: hasMore }) => (
          <DataTable
            label={t.screens.webhookDeliveries}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={{ title: t.deliveries.empty, hint: t.deliveries.emptyHint }}
            pages={pages(hasMore, data.at(-1)?.id)}
          />
        )}
      </Async>
      {repeated === undefined ? null : <Redeliver delivery={repeated} onClose={() => setRepeated(undefined)} />}
    </Page>
  );
}

function useDeliveryColumns(
  mayManage: boolean,
  onRedeliver: (delivery: AdminWebhookDelivery) => void,
): readonly Column<AdminWebhookDelivery>[] {
  const t = useWords();
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
      cell: (delivery) => (
        <Button size="xs" variant="default" onClick={() => onRedeliver(delivery)}>
          {t.deliveries.redeliver}
        </Button>
      ),
    };
    return [...columns, actions];
  }, [t, mayManage, onRedeliver]);
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

interface RedeliverProps {
  readonly delivery: AdminWebhookDelivery;
  readonly onClose: () => void;
}

function Redeliver({ delivery, onClose }: RedeliverProps) {
  const t = useWords();
  const queries = useQueryClient();
  const redeliver = async (): Promise<void> => {
    await webhookDeliveriesRedeliver({ path: { id: delivery.id } });
    await queries.invalidateQueries({ queryKey: ['webhook-deliveries'] });
    announce(t.deliveries.redelivered);
  };
  return (
    <ConfirmDialog
      opened
      title={t.deliveries.redeliverTitle}
      action={t.deliveries.redeliver}
      onClose={onClose}
      onConfirm={redeliver}
    >
      <Stack gap="xs">
        {delivery.status === 'delivered' ? (
          <Alert color="yellow" role="alert">
            {t.deliveries.succeeded}
          </Alert>
        ) : null}
        <div>{t.deliveries.redeliverIntro}</div>
        <Id>{delivery.event_id}</Id>
      </Stack>
    </ConfirmDialog>
  );
}
