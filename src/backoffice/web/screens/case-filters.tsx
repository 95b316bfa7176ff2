import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { FilterButtons } from '../blocks/filter-buttons.js';
import type { useFilters } from '../blocks/use-filters.js';
import { useWords } from '../i18n/i18n.js';
import { CASE_STATUSES } from './case-words.js';

/** As the API names them; `all`: those too that nobody is asked to look at yet. */
export const CASE_FILTERS = ['all', 'status', 'gateway', 'merchant_id', 'payment_id'] as const;
type Filter = (typeof CASE_FILTERS)[number];

export function CaseFilters({ filters }: { readonly filters: ReturnType<typeof useFilters<Filter>> }) {
  const t = useWords();
  const words = t.gateways.cases;
  const { values, isFiltered, set, clear } = filters;
  const [typed, setTyped] = useState<Readonly<Record<Filter, string>>>({
    all: values.all ?? '',
    status: values.status ?? '',
    gateway: values.gateway ?? '',
    merchant_id: values.merchant_id ?? '',
    payment_id: values.payment_id ?? '',
  });
  const change = (name: Filter) => ({
    value: typed[name],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      setTyped({ ...typed, [name]: event.currentTarget.value }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    set({
      ...typed,
      gateway: typed.gateway.trim(),
      merchant_id: typed.merchant_id.trim(),
      payment_id: typed.payment_id.trim(),
    });
  };
  return (
    <form onSubmit={submit} role="search">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        <NativeSelect
          label={words.show}
          {...change('all')}
          data={[
            { value: '', label: words.openOnly },
            { value: 'true', label: words.all },
          ]}
        />
        <NativeSelect
          label={t.common.status}
          {...change('status')}
          data={[
            { value: '', label: words.anyStatus },
            ...CASE_STATUSES.map((value) => ({ value: value as string, label: words.statuses[value] })),
          ]}
        />
        <TextInput label={t.gateways.gateway} maxLength={32} {...change('gateway')} />
        <TextInput label={t.payments.merchant} placeholder="mer_…" maxLength={64} {...change('merchant_id')} />
        <TextInput label={t.screens.payment} placeholder="pay_…" maxLength={64} {...change('payment_id')} />
      </SimpleGrid>
      <FilterButtons isFiltered={isFiltered} clear={clear} />
    </form>
  );
}
