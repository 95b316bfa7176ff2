import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { answerOf, given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { adminReleasesRead, adminReleasesSettlements, type Release, type ReleasedCapture } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

const FILTERS = [] as const;

/** What became available of a merchant's money at once, and of which payments. */
export function ReleaseDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const release = useQuery({
    queryKey: ['release', id],
    queryFn: ({ signal }) => answerOf(adminReleasesRead({ path: { id }, signal })),
  });
  return (
    <Page title={t.screens.release}>
      <Async query={release}>
        {(found) => (
          <>
            <ReleaseFacts release={found} />
            <Contained id={id} currency={found.currency} />
          </>
        )}
      </Async>
    </Page>
  );
}

function ReleaseFacts({ release }: { readonly release: Release }) {
  const t = useWords();
  return (
    <Facts
      facts={[
        [t.ledger.released, <Amount key="amount" minor={release.amount} currency={release.currency} />],
        [t.ledger.matured, <Amount key="matured" minor={release.matured} currency={release.currency} />],
        [t.ledger.releasedFrom, t.ledger.releaseParts[release.from]],
        [t.ledger.payments, release.payments],
        [t.ledger.dueAfter, <Time key="after" at={release.settled_from} />],
        [t.ledger.dueUntil, <Time key="until" at={release.settled_until} />],
        [
          t.screens.transfer,
          release.transfer_id === null ? t.common.none : <IdLink key="transfer">{release.transfer_id}</IdLink>,
        ],
        [t.keys.mode, <ModeBadge key="mode" livemode={release.livemode} />],
        [t.common.id, <Id key="id">{release.id}</Id>],
        [t.common.created, <Time key="created" at={release.created_at} />],
      ]}
    />
  );
}

function Contained({ id, currency }: { readonly id: string; readonly currency: string }) {
  const t = useWords();
  const { after, pages } = useFilters(FILTERS);
  const settlements = useQuery({
    queryKey: ['release', id, 'settlements', after],
    queryFn: ({ signal }) =>
      answerOf(adminReleasesSettlements({ path: { id }, query: given({ starting_after: after }), signal })),
  });
  const columns = useMemo<readonly Column<ReleasedCapture>[]>(() => {
    const amount = (name: 'amount' | 'given_back', header: string): Column<ReleasedCapture> => ({
      id: name,
      header,
      align: 'right',
      cell: (settlement) => <Amount minor={settlement[name]} currency={currency} />,
    });
    return [
      { id: 'payment', header: t.screens.payment, cell: (settlement) => <IdLink>{settlement.payment_id}</IdLink> },
      { id: 'transfer', header: t.screens.transfer, cell: (settlement) => <IdLink>{settlement.id}</IdLink> },
      { id: 'kind', header: t.ledger.what, cell: ({ kind }) => kind },
      amount('amount', t.payments.amount),
      amount('given_back', t.ledger.givenBack),
      { id: 'due', header: t.ledger.due, cell: (settlement) => <Time at={settlement.due_at} /> },
      { id: 'proved', header: t.ledger.provedAt, cell: (settlement) => <Time at={settlement.proved_at} /> },
    ];
  }, [t, currency]);
  return (
    <Section
      title={t.ledger.contained}
      actions={
        <ExportCsv
          name={id}
          ask={(cursor) =>
            adminReleasesSettlements({
              path: { id },
              query: csvAfter(cursor),
              parseAs: 'text',
            })
          }
        />
      }
    >
      <Async query={settlements}>
        {({ data, has_more: hasMore }) => (
          <DataTable
            label={t.ledger.contained}
            columns={columns}
            rows={data}
            rowKey={(settlement) => `${settlement.id}:${settlement.kind}`}
            empty={{ title: t.common.nothing, hint: '' }}
            pages={pages(hasMore, data.at(-1)?.id)}
          />
        )}
      </Async>
    </Section>
  );
}
