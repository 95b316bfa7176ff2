import { useMemo } from 'react';
import type { Column } from '../blocks/data-table.js';
import { IdLink } from '../blocks/id-link.js';
import { adminDisbursementsListRefunds } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { RefundStatus, type RefundFound } from './payment-words.js';
import { SearchedList } from './searched-list.js';

const statusOf = ({ status }: RefundFound) => <RefundStatus status={status} />;

export function Refunds() {
  const t = useWords();
  const columns = useMemo<readonly Column<RefundFound>[]>(
    () => [
      { id: 'id', header: t.screens.refund, cell: ({ id }) => <IdLink>{id}</IdLink> },
      { id: 'payment', header: t.screens.payment, cell: ({ payment }) => <IdLink>{payment}</IdLink> },
    ],
    [t],
  );
  return (
    <SearchedList
      name="refunds"
      title={t.screens.refunds}
      empty={{ title: t.payments.noRefunds, hint: t.payments.noRefundsHint }}
      statuses={t.payments.moneyOut}
      columns={columns}
      status={statusOf}
      list={(query, signal) => adminDisbursementsListRefunds({ query, signal })}
      csv={(query) => adminDisbursementsListRefunds({ query, parseAs: 'text' })}
    />
  );
}
