/**
 * How one kind of CSV export is read, kept as data: shipped ones stand in mappings/, others are saved by operators. A mapping is
 * never guessed at while reading: what it does not say, a file may not contain.
 */
import { z } from 'zod';
import { CURRENCIES } from '../../../../kernel/money/money.js';
import { LINE_KINDS, LINE_STATUSES } from '../lines.js';
import { MAX_COLUMNS } from '../limits.js';
import { compileTimeFormat, isZone } from './time-text.js';

const text = z.string().min(1).max(200);

/**
 * A column: the names its header may have, the preferred first, compared without regard to case, accents, spaces, `_`, `-`, `.`
 * and `:`; or its place, counted from 1.
 */
const column = z.union([
  z.array(text).min(1).max(30),
  z.strictObject({ position: z.number().int().min(1).max(MAX_COLUMNS) }),
]);
export type Column = z.infer<typeof column>;

/** One comparison of a cell, without regard to case and spaces around. Not an expression: those could be made to run for ever. */
const test = z.strictObject({
  column,
  is: z.enum(['empty', 'not_empty', 'equal', 'not_equal', 'beginning_with', 'containing']),
  /** Any of them; for the four that compare. */
  values: z.array(z.string().max(200)).max(50).optional(),
});
/** All must hold. */
const condition = z.array(test).min(1).max(10);
export type Condition = z.infer<typeof condition>;

const numbers = z.strictObject({
  decimal: z.enum(['point', 'comma']).default('point'),
  /** What may stand between thousands. `space` is any of the breaking, no-break, narrow and thin ones; `apostrophe` either form. */
  thousands: z.array(z.enum(['comma', 'point', 'space', 'apostrophe'])).default(['comma']),
  /** `hundredths`: 1/100 of the major unit whatever the currency, as Paystack has it even for francs. */
  unit: z.enum(['major', 'minor', 'hundredths']).default('major'),
  /** What may stand before or behind a number, beside the row's own currency code. */
  symbols: z.array(text).max(20).default([]),
  /** Texts that mean that there is no amount, beside an empty cell. */
  none: z.array(text).max(20).default(['-', '–', 'N/A', 'NA', 'null', 'none']),
});
export type Numbers = z.infer<typeof numbers>;

/** `inverted`: the file is written from the other side, so minus is what we gain. */
const sign = z.enum(['unsigned', 'signed', 'inverted']);
export type Sign = z.infer<typeof sign>;

const amount = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('column'),
    column,
    sign: sign.default('unsigned'),
    /** A column that says which way it went, for `unsigned` amounts. */
    marker: z.strictObject({ column, credit: z.array(text).min(1), debit: z.array(text).min(1) }).optional(),
  }),
  z.strictObject({
    from: z.literal('debit_credit'),
    debit: column,
    credit: column,
    /** How the debit column writes its amounts. */
    debitSign: z.enum(['unsigned', 'negative']).default('unsigned'),
  }),
]);
export type AmountSource = z.infer<typeof amount>;

const sideAmount = z.strictObject({
  column,
  sign: sign.default('unsigned'),
  /**
   * More decimals than the currency has: refused, or rounded as the adapters do (fees up, net down), for gateways that compute
   * fees to the tenth of a kobo. The amount itself is never rounded.
   */
  extraDecimals: z.enum(['refuse', 'round']).default('refuse'),
});
export type SideAmount = z.infer<typeof sideAmount>;

const currencyCode = z.enum(CURRENCIES);
const currency = z.union([
  z.strictObject({ constant: currencyCode }),
  z.strictObject({ column, values: z.record(text, currencyCode).default({}) }),
]);
export type CurrencySource = z.infer<typeof currency>;

const timeFormat = text.refine((format) => compileTimeFormat(format) !== undefined, {
  message:
    'A time format is made of yyyy yy MMM MM M dd d HH H hh h mm ss SSS a XXX, punctuation, T, and text in single quotes',
});

const time = z
  .strictObject({
    /** One, or a date and a time of day: they are joined by a space. */
    columns: z.array(column).min(1).max(2),
    /** The forms that occur; a text must fit one of them whole. */
    formats: z.array(timeFormat).min(1).max(20),
    /** `in_text`: each text names its offset (XXX). Else an IANA name or an offset like +01:00, for all that do not. */
    zone: z.string().refine((zone) => zone === 'in_text' || isZone(zone), { message: 'No such time zone' }),
    /** What a date without a time of day means. */
    dateOnly: z.enum(['refuse', 'start_of_day', 'end_of_day']).default('refuse'),
  })
  .superRefine((spec, context) => {
    const formats = spec.formats.flatMap((format) => compileTimeFormat(format) ?? []);
    if (spec.zone === 'in_text' && formats.some((format) => !format.hasOffset)) {
      context.addIssue({ code: 'custom', message: 'With the zone in_text every format needs XXX' });
    }
    if (
      formats.some((format) => format.order === 'day_first') &&
      formats.some((format) => format.order === 'month_first')
    ) {
      context.addIssue({ code: 'custom', message: '01/02 would be two days: keep to day first or to month first' });
    }
  });
export type TimeSource = z.infer<typeof time>;

/** Rows that state a count or sums of the lines before them, which are then checked. */
const totals = z.strictObject({
  when: condition,
  count: column.optional(),
  amount: column.optional(),
  fee: column.optional(),
  net: column.optional(),
  debit: column.optional(),
  credit: column.optional(),
  /** A file without such a row is refused: it was cut off. */
  required: z.boolean().default(false),
});

const kindOrIgnore = z.enum([...LINE_KINDS, 'ignore']);
const statusOrIgnore = z.enum([...LINE_STATUSES, 'ignore']);

/** What a code word of the file means. `otherwise` is for words that are not listed; without it they are refused. */
const kind = z.union([
  z.strictObject({ constant: z.enum(LINE_KINDS) }),
  z.strictObject({ column, values: z.record(text, kindOrIgnore), otherwise: kindOrIgnore.optional() }),
  z.strictObject({ bySign: z.strictObject({ credit: z.enum(LINE_KINDS), debit: z.enum(LINE_KINDS) }) }),
]);
const status = z.union([
  z.strictObject({ constant: z.enum(LINE_STATUSES) }),
  z.strictObject({ column, values: z.record(text, statusOrIgnore), otherwise: statusOrIgnore.optional() }),
]);
export type KindSource = z.infer<typeof kind>;
export type StatusSource = z.infer<typeof status>;

const common = {
  formatVersion: z.literal(1),
  id: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  name: text,
  /** For operators: where to get the file, and what of the mapping is known and what is a default. */
  description: z.string().max(2_000).default(''),
  encoding: z.enum(['auto', 'utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'latin1']).default('auto'),
  delimiter: z.enum(['auto', ',', ';', '\t', '|']).default('auto'),
  /** Lines to leave out unread at the top. */
  skipLines: z.number().int().min(0).max(200).default(0),
  /** `find`: the first row that has all the columns; what stands above it is left out. */
  header: z.enum(['find', 'first', 'none']).default('find'),
  ignore: z.array(condition).max(50).default([]),
  totals: totals.optional(),
  numbers: numbers.default(() => numbers.parse({})),
  currency,
};

const gateway = z.strictObject({
  ...common,
  produces: z.literal('gateway_lines'),
  columns: z.strictObject({
    id: column.optional(),
    reference: column.optional(),
    settlementId: column.optional(),
    description: column.optional(),
  }),
  /** Of the id and the reference, the one that a file may lack. */
  optional: z.enum(['id', 'reference']).optional(),
  /** Further names by which the same thing is known; those that a file lacks are left out. */
  handles: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), column).default({}),
  kind,
  status,
  amount,
  fee: sideAmount.optional(),
  net: sideAmount.optional(),
  time,
  /** What makes two lines the same thing. Some exports give a charge and its fee or refund one id. */
  unique: z.enum(['id', 'id_and_kind', 'reference', 'reference_and_kind']).default('id'),
});

const bank = z.strictObject({
  ...common,
  produces: z.literal('bank_lines'),
  columns: z.strictObject({
    id: column.optional(),
    account: column.optional(),
    description: column.optional(),
  }),
  references: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), column).default({}),
  amount,
  bookedOn: z.strictObject({ column, formats: z.array(timeFormat).min(1).max(20) }),
  valueOn: z.strictObject({ column, formats: z.array(timeFormat).min(1).max(20) }).optional(),
  /** The balance behind each line: every step is checked, and the first and the last make the statement. */
  balance: z.strictObject({ column, order: z.enum(['oldest_first', 'newest_first']) }).optional(),
});

function checkNumbers(spec: Numbers, context: z.RefinementCtx): void {
  const inUse = spec.thousands.find((separator) => separator === spec.decimal);
  if (inUse !== undefined) {
    context.addIssue({
      code: 'custom',
      path: ['numbers'],
      message: `${inUse} is both the decimal sign and between thousands`,
    });
  }
  if (spec.unit !== 'major' && spec.decimal !== 'point') {
    context.addIssue({ code: 'custom', path: ['numbers'], message: 'Minor units have no decimals' });
  }
}

function saysDirection(source: AmountSource): boolean {
  return source.from === 'debit_credit' || source.sign !== 'unsigned' || source.marker !== undefined;
}

export const gatewayMappingSchema = gateway.superRefine((mapping, context) => {
  checkNumbers(mapping.numbers, context);
  if (mapping.columns.id === undefined && mapping.columns.reference === undefined) {
    context.addIssue({ code: 'custom', message: 'Lines need an id or a reference' });
  }
  const { id, reference } = mapping.columns;
  if (mapping.optional !== undefined && (id === undefined || reference === undefined)) {
    context.addIssue({ code: 'custom', path: ['optional'], message: 'Of one column alone, none can be missing' });
  }
  if (mapping.unique.startsWith('id') ? id === undefined : reference === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['unique'],
      message: 'Lines are told apart by a column that the mapping does not name',
    });
  }
  if ('bySign' in mapping.kind && !saysDirection(mapping.amount)) {
    context.addIssue({ code: 'custom', path: ['kind'], message: 'Unsigned amounts have no sign to go by' });
  }
});

export const bankMappingSchema = bank.superRefine((mapping, context) => {
  checkNumbers(mapping.numbers, context);
  if (!saysDirection(mapping.amount)) {
    context.addIssue({
      code: 'custom',
      path: ['amount'],
      message: 'Nothing says whether an amount is a credit or a debit',
    });
  }
});

export const csvMappingSchema = z.discriminatedUnion('produces', [gatewayMappingSchema, bankMappingSchema]);

/** As it is written down, before defaults. */
export type CsvMappingInput = z.input<typeof csvMappingSchema>;
export type GatewayMapping = z.infer<typeof gatewayMappingSchema>;
export type BankMapping = z.infer<typeof bankMappingSchema>;
export type CsvMapping = GatewayMapping | BankMapping;
