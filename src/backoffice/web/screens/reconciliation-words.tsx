import { Code, Group, Text } from '@mantine/core';
import { Amount } from '../blocks/amount.js';
import { State } from '../blocks/badges.js';
import { Time } from '../blocks/time.js';
import type { BreaksBreaksResponses, ReconciliationResolution } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords, type Language } from '../i18n/i18n.js';

export type Break = BreaksBreaksResponses[200]['data'][number];
export type Difference = Break['differences'][number];
type Action = ReconciliationResolution['action'];

export const BREAK_KINDS = [
  'missing_here',
  'missing_there',
  'amount',
  'currency',
  'fee',
  'status',
  'duplicate',
  'late',
] as const satisfies readonly Break['kind'][];
export const BREAK_SIDES = ['gateway', 'ledger', 'bank'] as const satisfies readonly Break['side'][];
export const BREAK_OWNERS = ['operations', 'finance', 'engineering'] as const satisfies readonly Break['owner'][];
export const RESOLUTION_ACTIONS = [
  'ask',
  'dismiss',
  'match',
  'write_off',
  'adjust',
] as const satisfies readonly Action[];
export const RESOLUTION_STATES = [
  'proposed',
  'approved',
  'done',
  'rejected',
  'expired',
] as const satisfies readonly ReconciliationResolution['status'][];
export const ADJUSTMENT_ACCOUNTS = ['gateway_fees', 'suspense', 'write_offs'] as const;

/** In the address, of lists that show what is open, or waits, where it says nothing. */
export const EVERY_STATE = 'all';

export function BreakState({ found }: { readonly found: Pick<Break, 'status'> }) {
  const t = useWords();
  return (
    <State is={found.status === 'open' ? 'waiting' : 'plain'}>{t.reconciliation.breaks.states[found.status]}</State>
  );
}

const RESOLUTION_COLOURS = {
  proposed: 'waiting',
  approved: 'waiting',
  done: 'good',
  rejected: 'bad',
  expired: 'plain',
} as const satisfies Readonly<Record<ReconciliationResolution['status'], 'good' | 'bad' | 'waiting' | 'plain'>>;

export function ResolutionState({ status }: { readonly status: ReconciliationResolution['status'] }) {
  const t = useWords();
  return <State is={RESOLUTION_COLOURS[status]}>{t.reconciliation.resolutions.states[status]}</State>;
}

/** By the program, or by somebody. */
export function MadeBy({ automatic }: { readonly automatic: boolean }) {
  const t = useWords();
  return <State is="plain">{automatic ? t.reconciliation.breaks.automatic : t.reconciliation.breaks.manual}</State>;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', fr: 'fr-FR' };

/** In the greatest unit of which there is one: 3 days, 5 hours, 12 minutes. */
export function Age({ seconds }: { readonly seconds: number }) {
  const language = useLanguage();
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? ['minute', 60];
  const format = new Intl.NumberFormat(LOCALES[language], { style: 'unit', unit, unitDisplay: 'long' });
  return <span>{format.format(Math.floor(seconds / length))}</span>;
}

/** One side of a field that differs, as what it is. */
export function Differing({
  field,
  value,
  currency,
}: {
  readonly field: Difference['field'];
  readonly value: string | null;
  readonly currency: string | null;
}) {
  const t = useWords();
  const language = useLanguage();
  const statuses: Readonly<Record<string, string>> = t.reconciliation.breaks.statuses;
  if (value === null) return <span>{t.reconciliation.breaks.nothing}</span>;
  const isNumber = /^-?\d{1,15}$/.test(value);
  if ((field === 'amount' || field === 'fee') && isNumber && currency !== null)
    return <Amount minor={Number(value)} currency={currency} />;
  if (field === 'time' && !Number.isNaN(Date.parse(value))) return <Time at={value} />;
  if (field === 'lines' && isNumber) return <span>{formatNumber(language, Number(value))}</span>;
  if (field === 'status') return <span>{statuses[value] ?? value}</span>;
  return <Code>{value}</Code>;
}

/** Which fields differ, and what each side says: on the row, where one looks. */
export function Differences({ found }: { readonly found: Pick<Break, 'differences' | 'currency' | 'kind'> }) {
  const t = useWords();
  const { breaks } = t.reconciliation;
  if (found.differences.length === 0) return <Text size="sm">{breaks.hints[found.kind]}</Text>;
  return (
    <>
      {found.differences.map(({ field, ours, theirs }) => (
        <Group key={field} gap={6} component="p" m={0}>
          <Text span size="sm" fw={600}>
            {breaks.fields[field]}
          </Text>
          <Text span size="sm">
            {breaks.ours}: <Differing field={field} value={ours} currency={found.currency} />
          </Text>
          <Text span size="sm">
            {breaks.theirs}: <Differing field={field} value={theirs} currency={found.currency} />
          </Text>
        </Group>
      ))}
    </>
  );
}

/** What a break is called: by the reference or the id that it carries. */
export function useBreakName(): (found: Pick<Break, 'reference' | 'gateway_id'>) => string {
  const t = useWords();
  return ({ reference, gateway_id: theirs }) => reference ?? theirs ?? t.reconciliation.breaks.unnamed;
}
