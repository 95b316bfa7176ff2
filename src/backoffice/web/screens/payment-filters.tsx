import { useMemo } from 'react';
import { ListFilters, optionsOf, type FilterField } from '../blocks/list-filters.js';
import type { useFilters } from '../blocks/use-filters.js';
import { useWords } from '../i18n/i18n.js';

/** As the API names them. */
export const PAYMENT_FILTERS = [
  'q',
  'status',
  'currency',
  'amount_from',
  'amount_to',
  'gateway',
  'merchant',
  'created_from',
  'created_to',
] as const;
type Filter = (typeof PAYMENT_FILTERS)[number];

/** A reference of a merchant's own, or an e-mail address. */
const MAX_SEARCH = 200;

interface PaymentFiltersProps {
  readonly filters: ReturnType<typeof useFilters<Filter>>;
  /** By which they may be filtered, and how each is called. */
  readonly statuses: Readonly<Record<string, string>>;
}

export function PaymentFilters({ filters, statuses }: PaymentFiltersProps) {
  const t = useWords();
  const fields = useMemo<readonly FilterField<Filter>[]>(() => {
    const { payments } = t;
    return [
      {
        name: 'q',
        label: payments.search,
        as: 'text',
        placeholder: payments.searchHint,
        maxLength: MAX_SEARCH,
        isFirst: true,
      },
      {
        name: 'status',
        label: t.common.status,
        as: 'select',
        options: optionsOf(payments.any, Object.keys(statuses), statuses),
      },
      { name: 'currency', label: payments.currency, as: 'currency' },
      { name: 'amount_from', label: payments.amountFrom, as: 'amount' },
      { name: 'amount_to', label: payments.amountTo, as: 'amount' },
      { name: 'gateway', label: payments.gateway, as: 'text' },
      { name: 'merchant', label: payments.merchant, as: 'text', placeholder: 'mer_…' },
      { name: 'created_from', label: payments.createdFrom, as: 'moment' },
      { name: 'created_to', label: payments.createdTo, as: 'moment' },
    ];
  }, [t, statuses]);
  return <ListFilters filters={filters} fields={fields} />;
}
