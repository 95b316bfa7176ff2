import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { FilterButtons } from '../blocks/filter-buttons.js';
import { useState, type FormEvent } from 'react';
import { localOf, momentOf } from '../blocks/local-moment.js';
import type { useFilters } from '../blocks/use-filters.js';
import { readAmount, writtenAmount } from '../i18n/format.js';
import { useWords } from '../i18n/i18n.js';
import { CURRENCIES } from './payment-words.js';

/** As the API names them. */
export const PAYMENT_FILTERS = [
  'q',
  'status',
  'currency',
  'gateway',
  'merchant',
  'amount_from',
  'amount_to',
  'created_from',
  'created_to',
] as const;
type Filter = (typeof PAYMENT_FILTERS)[number];
type Typed = Readonly<Record<Filter, string>>;

/** In the address amounts are minor units, as the API has them; without a currency nobody could say which. */
function shownAmount(minor: string | undefined, currency: string | undefined): string {
  if (minor === undefined || currency === undefined || !/^\d{1,15}$/.test(minor)) return '';
  return writtenAmount(Number(minor), currency);
}

function useTyped(values: Readonly<Partial<Record<Filter, string>>>) {
  return useState<Typed>(() => {
    const currency = CURRENCIES.find((each) => each === values.currency);
    return {
      q: values.q ?? '',
      status: values.status ?? '',
      currency: currency ?? '',
      gateway: values.gateway ?? '',
      merchant: values.merchant ?? '',
      amount_from: shownAmount(values.amount_from, currency),
      amount_to: shownAmount(values.amount_to, currency),
      created_from: localOf(values.created_from),
      created_to: localOf(values.created_to),
    };
  });
}

interface PaymentFiltersProps {
  readonly filters: ReturnType<typeof useFilters<Filter>>;
  readonly statuses: readonly { readonly value: string; readonly label: string }[];
}

/** Typed first, then asked for: each letter would be another search. */
export function PaymentFilters({ filters, statuses }: PaymentFiltersProps) {
  const t = useWords();
  const { values, isFiltered, set, clear } = filters;
  const [typed, setTyped] = useTyped(values);
  const hasCurrency = typed.currency !== '';
  const minorOf = (text: string): number | undefined =>
    hasCurrency && text !== '' ? readAmount(text, typed.currency) : undefined;
  const isWrong = (text: string): boolean => hasCurrency && text !== '' && minorOf(text) === undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isWrong(typed.amount_from) || isWrong(typed.amount_to)) return;
    set({
      ...typed,
      q: typed.q.trim(),
      gateway: typed.gateway.trim(),
      merchant: typed.merchant.trim(),
      amount_from: minorOf(typed.amount_from)?.toString(),
      amount_to: minorOf(typed.amount_to)?.toString(),
      created_from: momentOf(typed.created_from),
      created_to: momentOf(typed.created_to),
    });
  };
  const change = (name: Filter) => ({
    value: typed[name],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      setTyped({ ...typed, [name]: event.currentTarget.value }),
  });
  const amount = (name: 'amount_from' | 'amount_to') => ({
    ...change(name),
    inputMode: 'decimal' as const,
    disabled: !hasCurrency,
    placeholder: hasCurrency ? undefined : t.payments.currencyFirst,
    error: isWrong(typed[name]) ? t.payments.notAnAmount : undefined,
  });
  return (
    <form onSubmit={submit} role="search">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        <TextInput label={t.payments.search} placeholder={t.payments.searchHint} maxLength={200} {...change('q')} />
        <NativeSelect
          label={t.common.status}
          {...change('status')}
          data={[{ value: '', label: t.payments.any }, ...statuses]}
        />
        <NativeSelect
          label={t.payments.currency}
          {...change('currency')}
          data={[{ value: '', label: t.payments.any }, ...CURRENCIES]}
        />
        <TextInput label={t.payments.amountFrom} {...amount('amount_from')} />
        <TextInput label={t.payments.amountTo} {...amount('amount_to')} />
        <TextInput label={t.payments.gateway} maxLength={40} {...change('gateway')} />
        <TextInput label={t.payments.merchant} placeholder="mer_…" maxLength={64} {...change('merchant')} />
        <TextInput label={t.payments.createdFrom} type="datetime-local" {...change('created_from')} />
        <TextInput label={t.payments.createdTo} type="datetime-local" {...change('created_to')} />
      </SimpleGrid>
      <FilterButtons isFiltered={isFiltered} clear={clear} />
    </form>
  );
}
