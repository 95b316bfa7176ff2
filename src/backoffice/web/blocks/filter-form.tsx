import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useWords } from '../i18n/i18n.js';
import { FilterButtons } from './filter-buttons.js';
import { localOf, momentOf } from './local-moment.js';
import type { useFilters } from './use-filters.js';

/** A filter as the API names it: text, one of some, or a moment. */
export interface FilterField<Filter extends string> {
  readonly name: Filter;
  readonly label: string;
  readonly placeholder?: string;
  /** One of these, or all of them. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  readonly isMoment?: boolean;
}

interface FilterFormProps<Filter extends string> {
  readonly filters: ReturnType<typeof useFilters<Filter>>;
  readonly fields: readonly FilterField<Filter>[];
}

type Typed = Readonly<Record<string, string>>;

/** Typed first, then asked for: each letter would be another search. Begins anew where the address has changed. */
export function FilterForm<Filter extends string>(props: FilterFormProps<Filter>) {
  return <Fields key={JSON.stringify(props.filters.values)} {...props} />;
}

function Fields<Filter extends string>({ filters, fields }: FilterFormProps<Filter>) {
  const t = useWords();
  const { values, isFiltered, set, clear } = filters;
  const [typed, setTyped] = useState<Typed>(() =>
    Object.fromEntries(
      fields.map(({ name, isMoment }) => [name, isMoment === true ? localOf(values[name]) : (values[name] ?? '')]),
    ),
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const asked = fields.map(({ name, isMoment }) => {
      const text = typed[name] ?? '';
      return [name, isMoment === true ? momentOf(text) : text.trim()];
    });
    set(Object.fromEntries(asked) as Readonly<Partial<Record<Filter, string | undefined>>>);
  };
  return (
    <form onSubmit={submit} role="search">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {fields.map(({ name, label, placeholder, options, isMoment }) => {
          const field = {
            label,
            value: typed[name] ?? '',
            onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
              setTyped({ ...typed, [name]: event.currentTarget.value }),
          };
          if (options !== undefined)
            return <NativeSelect key={name} {...field} data={[{ value: '', label: t.payments.any }, ...options]} />;
          const type = isMoment === true ? 'datetime-local' : 'text';
          return (
            <TextInput
              key={name}
              {...field}
              type={type}
              maxLength={200}
              {...(placeholder === undefined ? {} : { placeholder })}
            />
          );
        })}
      </SimpleGrid>
      <FilterButtons isFiltered={isFiltered} clear={clear} />
    </form>
  );
}
