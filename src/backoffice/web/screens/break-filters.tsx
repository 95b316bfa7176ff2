import { useMemo } from 'react';
import type { useFilters } from '../blocks/use-filters.js';
import { useWords } from '../i18n/i18n.js';
import { ListFilters, optionsOf, type FilterField } from '../blocks/list-filters.js';
import { BREAK_KINDS, BREAK_OWNERS, BREAK_SIDES, EVERY_STATE } from './reconciliation-words.js';

/** As the API names them. */
export const BREAK_FILTERS = [
  'status',
  'kind',
  'side',
  'owner',
  'gateway_account',
  'run',
  'currency',
  'amount_from',
  'amount_to',
  'occurred_from',
  'occurred_to',
] as const;
type Filter = (typeof BREAK_FILTERS)[number];

const OPEN_FIRST = { status: 'open' } as const;

export function BreakFilters({ filters }: { readonly filters: ReturnType<typeof useFilters<Filter>> }) {
  const t = useWords();
  const fields = useMemo<readonly FilterField<Filter>[]>(() => {
    const { breaks } = t.reconciliation;
    const any = t.payments.any;
    return [
      {
        name: 'status',
        label: breaks.state,
        as: 'select',
        options: [
          { value: 'open', label: breaks.states.open },
          { value: 'closed', label: breaks.states.closed },
          { value: EVERY_STATE, label: breaks.allStates },
        ],
      },
      { name: 'kind', label: breaks.kind, as: 'select', options: optionsOf(any, BREAK_KINDS, breaks.kinds) },
      { name: 'side', label: breaks.side, as: 'select', options: optionsOf(any, BREAK_SIDES, breaks.sides) },
      { name: 'owner', label: breaks.owner, as: 'select', options: optionsOf(any, BREAK_OWNERS, breaks.owners) },
      { name: 'gateway_account', label: t.reconciliation.gatewayAccount, as: 'account' },
      { name: 'run', label: breaks.foundBy, as: 'text', placeholder: 'rcr_…' },
      { name: 'currency', label: t.payments.currency, as: 'currency' },
      { name: 'amount_from', label: t.payments.amountFrom, as: 'amount' },
      { name: 'amount_to', label: t.payments.amountTo, as: 'amount' },
      { name: 'occurred_from', label: breaks.newer, as: 'moment' },
      { name: 'occurred_to', label: breaks.older, as: 'moment' },
    ];
  }, [t]);
  return <ListFilters filters={filters} fields={fields} initial={OPEN_FIRST} />;
}
