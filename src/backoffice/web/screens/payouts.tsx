import { useMemo } from 'react';
import type { Column } from '../blocks/data-table.js';
import { LinkAnchor } from '../blocks/link.js';
import { adminDisbursementsListPayouts } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useDestinationName } from './payout-words.js';
import { RefundStatus, type PayoutFound } from './payment-words.js';
import { SearchedList } from './searched-list.js';

const statusOf = ({ status }: PayoutFound) => <RefundStatus status={status} />;

export function Payouts() {
  const t = useWords();
  const destinationName = useDestinationName();
  const columns = useMemo<readonly Column<PayoutFound>[]>(
    () => [
      {
        id: 'reference',
        header: t.payments.reference,
        cell: ({ id, reference }) => (
          <LinkAnchor to={`/payouts/${id}`} className="wraps">
            {reference}
          </LinkAnchor>
        ),
      },
      { id: 'destination', header: t.payouts.destination, cell: ({ destination }) => destinationName(destination) },
    ],
    [t, destinationName],
  );
  return (
    <SearchedList
      name="payouts"
      title={t.screens.payouts}
      empty={{ title: t.payouts.empty, hint: t.payouts.emptyHint }}
      statuses={t.payments.moneyOut}
      columns={columns}
      status={statusOf}
      list={(query, signal) => adminDisbursementsListPayouts({ query, signal })}
      csv={(query) => adminDisbursementsListPayouts({ query, parseAs: 'text' })}
    />
  );
}
