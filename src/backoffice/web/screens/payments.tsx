import { useMemo } from 'react';
import type { Column } from '../blocks/data-table.js';
import { LinkAnchor } from '../blocks/link.js';
import { adminPaymentsList } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { PaymentStatus, useMethodName, type Payment } from './payment-words.js';
import { SearchedList } from './searched-list.js';

const statusOf = ({ status }: Payment) => <PaymentStatus status={status} />;

export function Payments() {
  const t = useWords();
  const methodName = useMethodName();
  const columns = useMemo<readonly Column<Payment>[]>(
    () => [
      {
        id: 'reference',
        header: t.payments.reference,
        cell: ({ id, reference }) => (
          <LinkAnchor to={`/payments/${id}`} className="wraps">
            {reference}
          </LinkAnchor>
        ),
      },
      { id: 'method', header: t.payments.method, cell: ({ method }) => methodName(method) },
    ],
    [t, methodName],
  );
  return (
    <SearchedList
      name="payments"
      title={t.screens.payments}
      empty={{ title: t.payments.empty, hint: t.payments.emptyHint }}
      statuses={t.payments.statuses}
      columns={columns}
      status={statusOf}
      list={(query, signal) => adminPaymentsList({ query, signal })}
      csv={(query) => adminPaymentsList({ query, parseAs: 'text' })}
    />
  );
}
