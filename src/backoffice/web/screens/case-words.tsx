import { Stack, Text } from '@mantine/core';
import { useCallback } from 'react';
import { State } from '../blocks/badges.js';
import type { RoutingCase } from '../generated/index.js';
import { formatAmount } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

export const CASE_STATUSES = ['unknown', 'quarantined', 'pending', 'declined', 'not_sent'] as const;
type CaseStatus = RoutingCase['status'];

export const isCaseStatus = (text: string | undefined): text is CaseStatus =>
  CASE_STATUSES.some((status) => status === text);

const COLOURS = {
  unknown: 'waiting',
  quarantined: 'bad',
  pending: 'waiting',
  declined: 'plain',
  not_sent: 'plain',
} as const satisfies Readonly<Record<CaseStatus, 'bad' | 'waiting' | 'plain'>>;

/** With the gateway's own code, and what it says that it took. */
export function CaseState({ of: row }: { readonly of: RoutingCase }) {
  const t = useWords();
  const language = useLanguage();
  const { captured_amount: captured, captured_currency: currency } = row;
  return (
    <Stack gap={2} align="flex-start">
      <State is={COLOURS[row.status]}>{t.gateways.cases.statuses[row.status]}</State>
      {row.outcome_code === null ? null : (
        <Text size="xs" className="wraps">
          {row.outcome_code}
        </Text>
      )}
      {captured === null || currency === null ? null : (
        <Text size="xs">
          {t.gateways.cases.captured}: {formatAmount(language, captured, currency)}
        </Text>
      )}
    </Stack>
  );
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago something was, as one says it: nobody counts the seconds of three days. */
export function useAge(): (time: string) => string {
  const t = useWords();
  return useCallback(
    (time) => {
      const words = t.gateways.cases;
      const ageMs = Math.max(0, Date.now() - Date.parse(time));
      if (ageMs >= 2 * DAY_MS) return words.days({ count: Math.floor(ageMs / DAY_MS) });
      if (ageMs >= HOUR_MS) return words.hours({ count: Math.floor(ageMs / HOUR_MS) });
      return words.minutes({ count: Math.floor(ageMs / MINUTE_MS) });
    },
    [t],
  );
}
