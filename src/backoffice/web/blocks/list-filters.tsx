import { Button, Group, NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { useId, useState, type FormEvent } from 'react';
import { CURRENCIES, readAmount, writtenAmount } from '../i18n/format.js';
import { useWords } from '../i18n/i18n.js';
import { AccountSelect } from './account-select.js';
import { localOf, momentOf } from './local-moment.js';
import type { useFilters } from './use-filters.js';

interface Option {
  readonly value: string;
  readonly label: string;
}

interface Named<Key extends string> {
  /** As the address and the API name it. */
  readonly name: Key;
  readonly label: string;
  /** Seen on a telephone too before one asks for the filters. */
  readonly isFirst?: boolean;
}

/** What a list can be filtered by. */
export type FilterField<Key extends string> = Named<Key> &
  (
    | { readonly as: 'select'; readonly options: readonly Option[] }
    | { readonly as: 'text'; readonly placeholder?: string; readonly maxLength?: number }
    /** Signed ones are below zero for what went out. */
    | { readonly as: 'amount' | 'signed' }
    | { readonly as: 'moment' | 'day' | 'account' | 'currency' }
  );

/** An id with room. */
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
  const id = useId();
  const [isUnfolded, setUnfolded] = useState(false);
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
  const hasFirst = fields.some(({ isFirst }) => isFirst);
  return (
    <form onSubmit={submit} role="search">
      <SimpleGrid id={id} cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            value={typed[field.name] ?? ''}
            currency={currency}
            isWrong={isWrong(field)}
            isFolded={field.isFirst !== true && !isUnfolded}
            onChange={(value) => setTyped({ ...typed, [field.name]: value })}
          />
        ))}
      </SimpleGrid>
      <Buttons
        filters={filters}
        fieldsId={id}
        isUnfolded={isUnfolded}
        hasFirst={hasFirst}
        onFold={() => setUnfolded(!isUnfolded)}
      />
    </form>
  );
}

interface ButtonsProps {
  readonly filters: Pick<ReturnType<typeof useFilters>, 'values' | 'isFiltered' | 'clear'>;
  readonly fieldsId: string;
  readonly isUnfolded: boolean;
  /** There is a field to be seen on a telephone too. */
  readonly hasFirst: boolean;
  readonly onFold: () => void;
}

/** To have the filter, to be rid of it where there is one, and on a telephone to see its fields. */
function Buttons({ filters: { values, isFiltered, clear }, fieldsId, isUnfolded, hasFirst, onFold }: ButtonsProps) {
  const t = useWords();
  const count = Object.keys(values).length;
  const name = hasFirst ? t.common.moreFilters : t.common.filters;
  return (
    <Group gap="xs" pt="sm">
      <Button type="submit" variant="default" className={hasFirst || isUnfolded ? '' : FOLDED}>
        {t.common.filter}
      </Button>
      <Button variant="default" hiddenFrom="xs" aria-expanded={isUnfolded} aria-controls={fieldsId} onClick={onFold}>
        {count === 0 ? name : `${name} (${count})`}
      </Button>
      {isFiltered ? (
        <Button variant="subtle" onClick={clear} className="quiet">
          {t.common.clear}
        </Button>
      ) : null}
    </Group>
  );
}

/** Not shown where there is no room for it beside the list: app.css. */
const FOLDED = 'folded';

interface FieldProps {
  readonly field: FilterField<string>;
  readonly value: string;
  readonly currency: string;
  readonly isWrong: boolean;
  readonly isFolded: boolean;
  readonly onChange: (value: string) => void;
}

function Field({ field, value, currency, isWrong, isFolded, onChange }: FieldProps) {
  const t = useWords();
  const common = {
    label: field.label,
    value,
    className: isFolded ? FOLDED : '',
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
      return <TextInput {...common} maxLength={field.maxLength ?? MAX_TEXT} placeholder={field.placeholder} />;
  }
}

/** The options of a select with one that lets everything through. */
export function optionsOf<Value extends string>(
  any: string,
  values: readonly Value[],
  words: Readonly<Record<Value, string>>,
): readonly Option[] {
  return [{ value: '', label: any }, ...values.map((value) => ({ value, label: words[value] }))];
}
