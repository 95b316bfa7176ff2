import { Text } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { Amount } from '../blocks/amount.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { Facts } from '../blocks/facts.js';
import { IdLink } from '../blocks/id-link.js';
import { Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import type { ReconciliationBreak } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

type Found = ReconciliationBreak;
type Movement = Found['movements'][number];

/** Money, where it was said. */
function Money({ minor, currency }: { readonly minor: number | null; readonly currency: string | null }): ReactNode {
  const t = useWords();
  return minor === null || currency === null ? t.reconciliation.unknown : <Amount minor={minor} currency={currency} />;
}

export function OurSide({ ours }: { readonly ours: Found['ours'] }) {
  const t = useWords();
  const { breaks } = t.reconciliation;
  if (ours === null) return <Text size="sm">{breaks.oursNone}</Text>;
  return (
    <Facts
      facts={[
        [breaks.subject, <IdLink key="subject">{ours.subject}</IdLink>],
        [t.reconciliation.kind, breaks.recordKinds[ours.kind]],
        [breaks.attempt, <IdLink key="attempt">{ours.attempt}</IdLink>],
        [t.common.status, breaks.statuses[ours.status]],
        [breaks.planned, <Money key="planned" minor={ours.amount} currency={ours.currency} />],
        [breaks.moved, <Money key="moved" minor={ours.moved_amount} currency={ours.moved_currency} />],
        [breaks.fee, <Money key="fee" minor={ours.fee} currency={ours.moved_currency ?? ours.currency} />],
        [breaks.givenReference, ours.reference],
        [breaks.handles, ours.handles.length === 0 ? t.common.none : ours.handles.join(', ')],
        [breaks.started, <Time key="started" at={ours.started_at} />],
        [breaks.concluded, <Time key="concluded" at={ours.concluded_at} />],
      ]}
    />
  );
}

export function TheirSide({ theirs }: { readonly theirs: Found['theirs'] }) {
  const t = useWords();
  const { breaks } = t.reconciliation;
  if (theirs === null) return <Text size="sm">{breaks.theirsNone}</Text>;
  return (
    <Facts
      facts={[
        [breaks.gatewayId, theirs.gateway_id ?? t.common.none],
        [t.payments.reference, theirs.reference ?? t.common.none],
        [t.reconciliation.kind, breaks.lineKinds[theirs.kind]],
        [t.common.status, breaks.statuses[theirs.status]],
        [breaks.moved, <Money key="amount" minor={theirs.amount} currency={theirs.currency} />],
        [breaks.fee, <Money key="fee" minor={theirs.fee} currency={theirs.currency} />],
        [breaks.net, <Money key="net" minor={theirs.net} currency={theirs.currency} />],
        [breaks.occurred, <Time key="occurred" at={theirs.occurred_at} />],
        [
          breaks.source,
          <span key="source">
            <IdLink>{theirs.source}</IdLink>, {breaks.line({ line: String(theirs.line) })}
          </span>,
        ],
        [breaks.description, theirs.description ?? t.common.none],
      ]}
    />
  );
}

export function LedgerSide({ movements }: { readonly movements: readonly Movement[] }) {
  const t = useWords();
  const columns = useMemo<readonly Column<Movement>[]>(() => {
    const { breaks } = t.reconciliation;
    return [
      { id: 'transfer', header: breaks.transfer, cell: ({ transfer }) => <IdLink>{transfer}</IdLink> },
      { id: 'kind', header: t.reconciliation.kind, cell: ({ kind }) => kind },
      {
        id: 'debit',
        header: breaks.debit,
        align: 'right',
        cell: ({ side, amount, currency }) => (side === 'debit' ? <Amount minor={amount} currency={currency} /> : null),
      },
      {
        id: 'credit',
        header: breaks.credit,
        align: 'right',
        cell: ({ side, amount, currency }) =>
          side === 'credit' ? <Amount minor={amount} currency={currency} /> : null,
      },
      { id: 'at', header: breaks.occurred, cell: (movement) => <Time at={movement.effective_at} /> },
    ];
  }, [t]);
  return (
    <DataTable
      label={t.reconciliation.breaks.movements}
      columns={columns}
      rows={movements}
      rowKey={({ transfer }) => transfer}
      empty={{ title: t.reconciliation.breaks.movementsNone, hint: '' }}
    />
  );
}

export function BankSide({ settlement, entry }: Pick<Found, 'settlement' | 'entry'>) {
  const t = useWords();
  const { breaks } = t.reconciliation;
  return (
    <>
      <Section title={breaks.settlement}>
        {settlement === null ? (
          <Text size="sm">{t.common.nothing}</Text>
        ) : (
          <Facts
            facts={[
              [breaks.gatewayId, settlement.gateway_id],
              [breaks.moved, <Money key="gross" minor={settlement.gross} currency={settlement.currency} />],
              [breaks.fee, <Money key="fees" minor={settlement.fees} currency={settlement.currency} />],
              [breaks.net, <Money key="net" minor={settlement.net} currency={settlement.currency} />],
              [breaks.occurred, <Time key="at" at={settlement.settled_at} />],
            ]}
          />
        )}
      </Section>
      <Section title={breaks.entry}>
        {entry === null ? (
          <Text size="sm">{breaks.entryNone}</Text>
        ) : (
          <Facts
            facts={[
              [t.reconciliation.day, entry.booked_on],
              [breaks.moved, <Money key="amount" minor={entry.amount} currency={entry.currency} />],
              [breaks.source, <IdLink key="source">{entry.source}</IdLink>],
              [breaks.description, entry.description ?? t.common.none],
            ]}
          />
        )}
      </Section>
    </>
  );
}
