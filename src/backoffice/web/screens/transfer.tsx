import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { answerOf } from '../api/client.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { adminTransfersRead, type BookedTransfer } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { named, Source, useKindName } from './ledger-words.js';

/** One movement between two accounts, whoever's they are. */
export function TransferDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const transfer = useQuery({
    queryKey: ['transfer', id],
    queryFn: ({ signal }) => answerOf(adminTransfersRead({ path: { id }, signal })),
  });
  return (
    <Page title={transfer.data === undefined ? t.screens.transfer : `${t.screens.transfer}: ${transfer.data.kind}`}>
      <Async query={transfer}>{(found) => <Found transfer={found} />}</Async>
    </Page>
  );
}

function Found({ transfer }: { readonly transfer: BookedTransfer }) {
  const t = useWords();
  const columns = useLegColumns(transfer.currency);
  const links: readonly (readonly [name: string, id: string | null])[] = [
    [t.ledger.pendingId, transfer.pending_id],
    [t.ledger.endedBy, transfer.ended_by],
    [t.ledger.reverses, transfer.reverses_id],
    [t.ledger.group, transfer.group_id],
  ];
  const linked = links.flatMap(([name, id]) =>
    id === null ? [] : [[name, <IdLink key={name}>{id}</IdLink>] as const],
  );
  return (
    <>
      <Facts
        facts={[
          [t.payments.amount, <Amount key="amount" minor={transfer.amount} currency={transfer.currency} />],
          [t.ledger.phase, named(t.ledger.phases, transfer.phase)],
          [t.ledger.source, <Source key="source" about={transfer} />],
          [t.keys.mode, <ModeBadge key="mode" livemode={transfer.livemode} />],
          [t.ledger.booked, <Time key="booked" at={transfer.booked_at} />],
          [t.ledger.effective, <Time key="effective" at={transfer.effective_at} />],
          ...(transfer.expires_at === null
            ? []
            : [[t.ledger.expires, <Time key="expires" at={transfer.expires_at} />] as const]),
          [t.ledger.reversed, <Amount key="reversed" minor={transfer.reversed_amount} currency={transfer.currency} />],
          ...linked,
          [t.ledger.subject, transfer.subject ?? t.common.none],
          [t.payments.description, transfer.description ?? t.common.none],
          [t.common.id, <Id key="id">{transfer.id}</Id>],
        ]}
      />
      <Section title={t.ledger.legs}>
        <DataTable
          label={t.ledger.legs}
          columns={columns}
          rows={transfer.legs}
          rowKey={({ direction }) => direction}
          empty={{ title: t.common.nothing, hint: '' }}
        />
      </Section>
    </>
  );
}

type Leg = BookedTransfer['legs'][number];

function useLegColumns(currency: string): readonly Column<Leg>[] {
  const t = useWords();
  const kindName = useKindName();
  return useMemo(() => {
    const side = (direction: Leg['direction'], header: string): Column<Leg> => ({
      id: direction,
      header,
      align: 'right',
      cell: (leg) => (leg.direction === direction ? <Amount minor={leg.amount} currency={currency} /> : null),
    });
    return [
      {
        id: 'account',
        header: t.trialBalance.account,
        cell: (leg) => <LinkAnchor to={`/ledger-accounts/${leg.account_id}`}>{kindName(leg.account_kind)}</LinkAnchor>,
      },
      {
        id: 'owner',
        header: t.ledger.owner,
        cell: (leg) => (leg.merchant_id === null ? t.ledger.platform : <IdLink>{leg.merchant_id}</IdLink>),
      },
      side('debit', t.ledger.debit),
      side('credit', t.ledger.credit),
      {
        id: 'balance',
        header: t.ledger.balanceThen,
        align: 'right',
        cell: ({ balance }) => (balance === null ? t.ledger.notMoved : <Amount minor={balance} currency={currency} />),
      },
    ];
  }, [t, kindName, currency]);
}
