import { Group, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answerOf, given } from '../api/client.js';
import { State } from '../blocks/badges.js';
import { performancePerformance, type GatewayAccount, type RoutingPerformance } from '../generated/index.js';
import { formatNumber, formatSeconds, formatShare } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import type { Mode } from '../shell/mode.js';

export type Figures = RoutingPerformance['accounts'][number];
export type Step = Figures['series'][number];
type WindowName = RoutingPerformance['window'];
type Kind = RoutingPerformance['kind'];

/** In the address: what is looked at. */
export const GATEWAY_FILTERS = ['window', 'kind'] as const;
const WINDOWS = ['1h', '24h', '7d'] as const;
const KINDS = ['payment', 'refund', 'payout'] as const;

export const windowOf = (text: string | undefined): WindowName => WINDOWS.find((each) => each === text) ?? '24h';
export const kindOf = (text: string | undefined): Kind => KINDS.find((each) => each === text) ?? 'payment';

/** As often as somebody who watches wants to see something new, and a bounded read is worth it. */
const RENEWED_EVERY_MS = 30_000;

interface Asked {
  readonly window: WindowName;
  readonly kind: Kind;
  readonly mode: Mode;
  /** Undefined: all, without their series. */
  readonly account: string | undefined;
}

export function usePerformance({ window, kind, mode, account }: Asked) {
  const livemode = mode === 'live' ? 'true' : 'false';
  const query = { window, kind, livemode, ...given({ gateway_account: account }) } as const;
  return useQuery({
    queryKey: ['performance', query],
    queryFn: ({ signal }) => answerOf(performancePerformance({ query, signal })),
    refetchInterval: RENEWED_EVERY_MS,
  });
}

interface WindowFiltersProps {
  readonly window: WindowName;
  readonly kind: Kind;
  readonly onSet: (values: Readonly<Partial<Record<(typeof GATEWAY_FILTERS)[number], string>>>) => void;
}

export function WindowFilters({ window, kind, onSet }: WindowFiltersProps) {
  const words = useWords().gateways;
  return (
    <Group gap="sm">
      <NativeSelect
        label={words.windowLabel}
        value={window}
        onChange={(event) => onSet({ window: event.currentTarget.value })}
        data={WINDOWS.map((value) => ({ value: value as string, label: words.windows[value] }))}
      />
      <NativeSelect
        label={words.kindLabel}
        value={kind}
        onChange={(event) => onSet({ kind: event.currentTarget.value })}
        data={KINDS.map((value) => ({ value: value as string, label: words.kinds[value] }))}
      />
    </Group>
  );
}

const BREAKER_COLOURS = { closed: 'good', open: 'bad', half_open: 'waiting' } as const;

export function BreakerState({ state }: { readonly state: GatewayAccount['breaker'] }) {
  const words = useWords().gateways;
  return <State is={BREAKER_COLOURS[state]}>{words.breakers[state]}</State>;
}

/** @returns undefined where the end of none is known */
export function successOf({ succeeded, failed }: Pick<Step, 'succeeded' | 'failed'>): number | undefined {
  return succeeded + failed === 0 ? undefined : succeeded / (succeeded + failed);
}

/** Of those whose end is known: what is on its way says nothing yet. */
export function SuccessShare({ figures }: { readonly figures: Pick<Step, 'succeeded' | 'failed'> | undefined }) {
  const t = useWords();
  const language = useLanguage();
  const share = figures === undefined ? undefined : successOf(figures);
  if (figures === undefined || share === undefined) return <>{t.common.none}</>;
  const count = formatNumber(language, figures.succeeded + figures.failed);
  return (
    <span title={t.gateways.successHint}>{t.gateways.successOf({ share: formatShare(language, share), count })}</span>
  );
}

export function Seconds({ seconds }: { readonly seconds: number | null }) {
  const t = useWords();
  const language = useLanguage();
  if (seconds === null) return <>{t.common.none}</>;
  return <span className="amount">{t.gateways.seconds({ seconds: formatSeconds(language, seconds * 1_000) })}</span>;
}
