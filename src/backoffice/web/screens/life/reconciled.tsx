import { Group, List, Stack, Text } from '@mantine/core';
import { Amount } from '../../blocks/amount.js';
import { Async } from '../../blocks/async.js';
import { State } from '../../blocks/badges.js';
import { Id } from '../../blocks/id.js';
import { IdLink } from '../../blocks/id-link.js';
import { Time } from '../../blocks/time.js';
import { useWords } from '../../i18n/i18n.js';
import { wordOf } from '../../i18n/word-of.js';
import { useReconciled, type LifeOf, type Reconciled } from './life-of.js';

/** What reconciliation found about each attempt: the gateway's own line for it, and where the two differ. */
export function ReconciledRecords({ of }: { readonly of: LifeOf }) {
  const t = useWords();
  const reconciled = useReconciled(of);
  if (of.attempts.length === 0) return <Text size="sm">{t.life.notReconciled}</Text>;
  return (
    <Async query={reconciled}>
      {(records) =>
        records.length === 0 ? (
          <Text size="sm">{t.life.notReconciled}</Text>
        ) : (
          <Stack component="ul" className="plain-list" gap="md">
            {records.map((record) => (
              <RecordItem key={record.attempt} record={record} />
            ))}
          </Stack>
        )
      }
    </Async>
  );
}

function RecordItem({ record }: { readonly record: Reconciled }) {
  const t = useWords();
  const { lines, breaks } = record;
  const hasOpen = breaks.some((each) => each.closed_at === null);
  return (
    <li>
      <Group gap="xs">
        <Text fw={600}>{record.gateway}</Text>
        {hasOpen ? (
          <State is="bad">{t.life.differs}</State>
        ) : (
          <State is={lines.length > 0 ? 'good' : 'plain'}>{lines.length > 0 ? t.life.agrees : t.life.notListed}</State>
        )}
        <Text size="sm" component="span">
          <Id>{record.reference}</Id>
        </Text>
        {record.proved_at === null ? null : (
          <Text size="sm" component="span">
            {t.life.proved} <Time at={record.proved_at} />
          </Text>
        )}
      </Group>
      <List size="sm">
        {lines.map((line) => (
          <List.Item key={line.id} className="wraps">
            <Time at={line.occurred_at} />
            {': '}
            <Amount minor={line.amount} currency={line.currency} />
            {line.fee === null ? null : (
              <>
                {', '}
                {t.payments.gatewayFee} <Amount minor={line.fee} currency={line.currency} />
              </>
            )}
            {line.gateway_id === null ? null : (
              <>
                {', '}
                <Id>{line.gateway_id}</Id>
              </>
            )}
            {`. ${line.explanation} · `}
            <IdLink>{line.run}</IdLink>
          </List.Item>
        ))}
        {breaks.map((each) => (
          <List.Item key={each.id}>
            {t.life.difference}: {wordOf(t.life.breakKinds, each.kind)} · <IdLink>{each.id}</IdLink>
            {' · '}
            {each.closed_at === null ? (
              t.life.open
            ) : (
              <>
                {t.life.closed} <Time at={each.closed_at} />
              </>
            )}
          </List.Item>
        ))}
      </List>
    </li>
  );
}
