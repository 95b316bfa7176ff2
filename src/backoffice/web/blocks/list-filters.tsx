import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { answerOf } from '../api/client.js';
import { FilterButtons } from '../blocks/filter-buttons.js';
import { localOf, momentOf } from '../blocks/local-moment.js';
import type { useFilters } from '../blocks/use-filters.js';
import { reconciliationAccounts } from '../generated/index.js';
import { readAmount, writtenAmount } from '../i18n/format.js';
import { useWords } from '../i18n/i18n.js';
import { useMode } from '../shell/mode.js';
import { CURRENCIES } from './payment-words.js';

interface Option {
  readonly value: string;
  readonly label: string;
}

interface Named<Key extends string> {
  /** As the address and the API name it. */
  readonly name: Key;
  readonly label: string;
}

/** What a list can be filtered by. */
export type FilterField<Key extends string> = Named<Key> &
  (
    | { readonly as: 'select'; readonly options: readonly Option[] }
    | { readonly as: 'text'; readonly placeholder?: string }
    /** Signed ones are below zero for what went out. */
    | { readonly as: 'amount' | 'signed' }
    | { readonly as: 'moment' | 'day' | 'account' | 'currency' }
  );

const MAX_TEXT = 64;

interface ListFiltersProps<Key extends string> {
  readonly filters: ReturnType<typeof useFilters<Key>>;
  readonly fields: readonly FilterField<Key>[];
  /** What a select shows where the address says nothing. */
  readonly initial?: Readonly<Partial<Record<Key, string>>>;
}

type Typed = Readonly<Record<string, string>>;

function typedOf<Key extends string>(
  fields: readonly FilterField<Key>[],
  values: Readonly<Partial<Record<string, string>>>,
  initial: Readonly<Partial<Record<string, string>>>,
): Typed {
  const currency = CURRENCIES.find((each) => each === values['currency']);
  const shown = ({ as, name }: FilterField<Key>): string => {
    const value = values[name] ?? initial[name] ?? '';
    if (as === 'moment') return localOf(value === '' ? undefined : value);
    if (as !== 'amount' && as !== 'signed') return value;
    // In the address amounts are minor units, as the API has them; without a currency nobody could say which.
    const [, sign = '', digits] = (as === 'signed' ? /^(-?)(\d{1,15})$/ : /^()(\d{1,15})$/).exec(value) ?? [];
    return currency === undefined || digits === undefined ? '' : `${sign}${writtenAmount(Number(digits), currency)}`;
  };
  return Object.fromEntries(fields.map((field) => [field.name, shown(field)]));
}

/** Typed first, then asked for: each letter would be another search. Mounted anew whenever the address says something else. */
export function ListFilters<Key extends string>(props: ListFiltersProps<Key>) {
  return <Fields key={JSON.stringify(props.filters.values)} {...props} />;
}

function Fields<Key extends string>({ filters, fields, initial }: ListFiltersProps<Key>) {
  const [typed, setTyped] = useState(() => typedOf(fields, filters.values, initial ?? {}));
  const currency = typed['currency'] ?? '';
  const minorOf = (text: string, isSigned: boolean): number | undefined => {
    if (currency === '' || text === '') return undefined;
    const isOut = isSigned && text.startsWith('-');
    const minor = readAmount(isOut ? text.slice(1) : text, currency);
    return minor !== undefined && isOut ? -minor : minor;
  };
  const isWrong = ({ as, name }: FilterField<Key>): boolean => {
    const text = typed[name] ?? '';
    const isAmount = as === 'amount' || as === 'signed';
    return isAmount && currency !== '' && text !== '' && minorOf(text, as === 'signed') === undefined;
  };
  const asked = ({ as, name }: FilterField<Key>): string | undefined => {
    const text = (typed[name] ?? '').trim();
    if (as === 'moment') return momentOf(text);
    return as === 'amount' || as === 'signed' ? minorOf(text, as === 'signed')?.toString() : text;
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (fields.some(isWrong)) return;
    filters.set(Object.fromEntries(fields.map((field) => [field.name, asked(field)])) as Partial<Record<Key, string>>);
  };
  return (
    <form onSubmit={submit} role="search">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            value={typed[field.name] ?? ''}
            currency={currency}
            isWrong={isWrong(field)}
            onChange={(value) => setTyped({ ...typed, [field.name]: value })}
          />
        ))}
      </SimpleGrid>
      <FilterButtons isFiltered={filters.isFiltered} clear={filters.clear} />
    </form>
  );
}

interface FieldProps {
  readonly field: FilterField<string>;
  readonly value: string;
  readonly currency: string;
  readonly isWrong: boolean;
  readonly onChange: (value: string) => void;
}

function Field({ field, value, currency, isWrong, onChange }: FieldProps) {
  const t = useWords();
  const common = {
    label: field.label,
    value,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => onChange(event.currentTarget.value),
  };
  switch (field.as) {
    case 'select':
      return <NativeSelect {...common} data={[...field.options]} />;
    case 'account':
      return <AccountSelect {...common} any={t.reconciliation.allAccounts} />;
    case 'currency':
      return <NativeSelect {...common} data={[{ value: '', label: t.payments.any }, ...CURRENCIES]} />;
    case 'amount':
    case 'signed':
      return (
        <TextInput
          {...common}
          inputMode="decimal"
          disabled={currency === ''}
          placeholder={currency === '' ? t.payments.currencyFirst : undefined}
          error={isWrong ? t.payments.notAnAmount : undefined}
        />
      );
    case 'moment':
      return <TextInput {...common} type="datetime-local" />;
    case 'day':
      return <TextInput {...common} type="date" />;
    case 'text':
      return <TextInput {...common} maxLength={MAX_TEXT} placeholder={field.placeholder} />;
  }
}

interface AccountSelectProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (event: { readonly currentTarget: { readonly value: string } }) => void;
  /** What it says where none is chosen. */
  readonly any: string;
  readonly required?: boolean;
  readonly error?: string | undefined;
}

/** Gateway accounts of the mode that one is in, by what tells them apart. */
export function AccountSelect({ value, any, ...props }: AccountSelectProps) {
  const isLive = useMode() === 'live';
  const accounts = useQuery({
    queryKey: ['reconciliation-accounts'],
    queryFn: ({ signal }) => answerOf(reconciliationAccounts({ signal })),
  });
  const known = (accounts.data?.data ?? [])
    .filter(({ livemode }) => livemode === isLive)
    .map(({ id, gateway }) => ({ value: id, label: `${gateway} · ${id}` }));
  // One that the address names and that is not among them: of the other mode, or not there yet.
  const others = value === '' || known.some((each) => each.value === value) ? [] : [{ value, label: value }];
  return <NativeSelect {...props} value={value} data={[{ value: '', label: any }, ...known, ...others]} />;
}

/** The options of a select with one that lets everything through. */
export function optionsOf<Value extends string>(
  any: string,
  values: readonly Value[],
  words: Readonly<Record<Value, string>>,
): readonly Option[] {
  return [{ value: '', label: any }, ...values.map((value) => ({ value, label: words[value] }))];
}
