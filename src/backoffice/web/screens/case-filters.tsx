import { useMemo } from 'react';
import { ListFilters, optionsOf, type FilterField } from '../blocks/list-filters.js';
import type { useFilters } from '../blocks/use-filters.js';
import { useWords } from '../i18n/i18n.js';
import { CASE_STATUSES } from './case-words.js';

/** As the API names them; `all`: those too that nobody is asked to look at yet. */
export const CASE_FILTERS = ['all', 'status', 'gateway', 'merchant_id', 'payment_id'] as const;
type Filter = (typeof CASE_FILTERS)[number];

export function CaseFilters({ filters }: { readonly filters: ReturnType<typeof useFilters<Filter>> }) {
  const t = useWords();
  const fields = useMemo<readonly FilterField<Filter>[]>(() => {
    const words = t.gateways.cases;
    return [
      {
        name: 'all',
        label: words.show,
        as: 'select',
        options: [
          { value: '', label: words.openOnly },
          { value: 'true', label: words.all },
        ],
      },
      {
        name: 'status',
        label: t.common.status,
        as: 'select',
        options: optionsOf(words.anyStatus, CASE_STATUSES, words.statuses),
      },
      { name: 'gateway', label: t.gateways.gateway, as: 'text' },
      { name: 'merchant_id', label: t.payments.merchant, as: 'text', placeholder: 'mer_…' },
      { name: 'payment_id', label: t.screens.payment, as: 'text', placeholder: 'pay_…' },
    ];
  }, [t]);
  return <ListFilters filters={filters} fields={fields} />;
}
