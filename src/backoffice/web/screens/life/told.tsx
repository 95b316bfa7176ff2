import { Code, Group, List, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { Async } from '../../blocks/async.js';
import { State } from '../../blocks/badges.js';
import { DataTable, type Column } from '../../blocks/data-table.js';
import { Id } from '../../blocks/id.js';
import { IdLink } from '../../blocks/id-link.js';
import { Time } from '../../blocks/time.js';
import { useWords } from '../../i18n/i18n.js';
import { wordOf } from '../../i18n/word-of.js';
import { useTold, type LifeOf, type Told } from './life-of.js';
import { Redeliver } from '../webhook-redeliver.js';

type Delivery = Told['deliveries'][number];

const COLOURS: Readonly<Record<string, 'good' | 'bad' | 'waiting'>> = {
  pending: 'waiting',
  delivered: 'good',
  failed: 'bad',
  abandoned: 'bad',
};

/** What its merchant was told, to which endpoints, and what they answered. */
export function ToldEvents({ of }: { readonly of: LifeOf }) {
  const t = useWords();
  const columns = useMemo<readonly Column<Told>[]>(
    () => [
      { id: 'at', header: t.common.created, cell: (event) => <Time at={event.created_at} /> },
      {
        id: 'event',
        header: t.deliveries.event,
        cell: ({ id, type }) => (
          <Stack gap={2}>
            <Code className="wraps">{type}</Code>
            <Id>{id}</Id>
          </Stack>
        ),
      },
      {
        id: 'about',
        header: t.life.about,
        cell: ({ about }) => (about === null ? t.common.none : <IdLink>{about}</IdLink>),
      },
      {
        id: 'deliveries',
        header: t.screens.webhookDeliveries,
        cell: ({ deliveries }) => <Deliveries deliveries={deliveries} />,
      },
    ],
    [t],
  );
  return (
    <Async query={useTold(of)}>
      {(events) => (
        <DataTable
          label={t.life.told}
          columns={columns}
          rows={events}
          rowKey={({ id }) => id}
          empty={{ title: t.life.notTold, hint: t.life.notToldHint }}
        />
      )}
    </Async>
  );
}

function Deliveries({ deliveries }: { readonly deliveries: readonly Delivery[] }) {
  const t = useWords();
  if (deliveries.length === 0) return <Text size="sm">{t.life.noEndpoint}</Text>;
  return (
    <Stack gap="xs">
      {deliveries.map((delivery) => (
        <OneDelivery key={delivery.id} delivery={delivery} />
      ))}
    </Stack>
  );
}

function OneDelivery({ delivery }: { readonly delivery: Delivery }) {
  const t = useWords();
  const {
    status,
    last_status: answered,
    last_attempt_at: at,
    failed_attempts: failed,
    endpoint_id: endpoint,
  } = delivery;
  return (
    <div>
      <Group gap="xs">
        <State is={COLOURS[status] ?? 'plain'}>{wordOf(t.deliveries.statuses, status)}</State>
        <Text size="sm" component="span">
          {answered === null ? null : `${answered} · `}
          <Time at={at} otherwise={t.common.never} />
        </Text>
        <Redeliver delivery={delivery} />
      </Group>
      <Text size="xs" component="div">
        <Id>{endpoint}</Id>
      </Text>
      {failed.length === 0 ? null : (
        <details>
          <summary>
            <Text size="sm" span>
              {t.life.failedAttempts({ count: String(failed.length) })}
            </Text>
          </summary>
          <List size="sm">
            {failed.map((attempt) => (
              <List.Item key={attempt.attempt} className="wraps">
                <Time at={attempt.started_at} />
                {': '}
                {[attempt.http_status, attempt.error].filter((part) => part !== null && part !== '').join(' ')}
                {attempt.response === null ? null : <Code block>{attempt.response}</Code>}
              </List.Item>
            ))}
          </List>
        </details>
      )}
    </div>
  );
}
