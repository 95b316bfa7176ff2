import { Alert, Button, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { ConfirmDialog } from '../blocks/confirm-dialog.js';
import { Id } from '../blocks/id.js';
import { webhookDeliveriesRedeliver, type WebhookDelivery } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

type Delivered = Pick<WebhookDelivery, 'id' | 'event_id' | 'status'>;

/** Delivers an event again, for whoever may; says so where its merchant has it already. */
export function Redeliver({ delivery }: { readonly delivery: Delivered }) {
  const t = useWords();
  const queries = useQueryClient();
  const mayManage = useMay('webhooks', 'manage');
  const [isAsking, setAsking] = useState(false);
  const redeliver = async (): Promise<void> => {
    await webhookDeliveriesRedeliver({ path: { id: delivery.id } });
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['webhook-deliveries'] }),
      queries.invalidateQueries({ queryKey: ['told'] }),
    ]);
    announce(t.deliveries.redelivered);
  };
  if (!mayManage) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        {t.deliveries.redeliver}
      </Button>
      {isAsking ? (
        <ConfirmDialog
          opened
          title={t.deliveries.redeliverTitle}
          action={t.deliveries.redeliver}
          onClose={() => setAsking(false)}
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
      ) : null}
    </>
  );
}
