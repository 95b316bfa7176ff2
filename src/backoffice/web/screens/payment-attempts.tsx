import { Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answerOf } from '../api/client.js';
import { useMay } from '../api/session.js';
import { State } from '../blocks/badges.js';
import { Id } from '../blocks/id.js';
import { Time } from '../blocks/time.js';
import { insightPayment, insightPayout } from '../generated/index.js';
import { formatSeconds } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { RoutingReason } from './payment-reason.js';
import {
  ATTEMPT_COLOURS,
  type Attempt,
  type PaymentFound,
  type PayoutFound,
  type RefundFound,
} from './payment-words.js';

/** Shorter ones could not be seen. */
const LEAST_PERCENT = 1;

interface Span {
  /** Milliseconds since the first attempt began. */
  readonly from: number;
  readonly to: number;
}

/** What has not ended reaches to the end, which is now, or when the payment was concluded. */
function spansOf(attempts: readonly Attempt[], concludedAt: string | null): readonly Span[] {
  const began = Math.min(...attempts.map((each) => Date.parse(each.started_at)));
  const end = concludedAt === null ? Date.now() : Date.parse(concludedAt);
  return attempts.map(({ started_at: from, concluded_at: to }) => ({
    from: Date.parse(from) - began,
    to: Math.max((to === null ? end : Date.parse(to)) - began, Date.parse(from) - began),
  }));
}

/** What is sent by attempts. */
type Sent = Pick<PaymentFound | RefundFound | PayoutFound, 'object' | 'id' | 'status' | 'concluded_at' | 'attempts'>;

export const Attempts = ({ payment }: { readonly payment: PaymentFound }) => <AttemptsOf sent={payment} />;

/** Which gateway was tried when and for how long, what came of it, and why it was that one. */
export function AttemptsOf({ sent }: { readonly sent: Sent }) {
  const t = useWords();
  const mayReadRouting = useMay('routing', 'read');
  const attempts = (sent.attempts ?? []).toSorted((one, other) => one.started_at.localeCompare(other.started_at));
  // Not there where the payment has not reached routing yet: then nothing was chosen, and there is nothing to explain.
  const routed = useQuery({
    queryKey: ['routed', sent.id, sent.status, attempts.length],
    queryFn: ({ signal }) => {
      const asked = { path: { id: sent.id }, signal };
      return answerOf(sent.object === 'payout' ? insightPayout(asked) : insightPayment(asked));
    },
    // A refund goes where its payment went: nothing is chosen.
    enabled: mayReadRouting && attempts.length > 0 && sent.object !== 'refund',
  });
  if (attempts.length === 0) return <Text size="sm">{t.payments.noAttempts}</Text>;
  const reasons = new Map(routed.data?.attempts.map(({ id, reason }) => [id, reason]));
  const spans = spansOf(attempts, sent.concluded_at);
  const whole = Math.max(1, ...spans.map(({ to }) => to));
  return (
    <Stack component="ol" className="waterfall" gap="md">
      {attempts.map((attempt, index) => (
        <AttemptRow
          key={attempt.id}
          attempt={attempt}
          span={spans[index] ?? { from: 0, to: 0 }}
          whole={whole}
          reason={reasons.get(attempt.id)}
        />
      ))}
    </Stack>
  );
}

interface AttemptRowProps {
  readonly attempt: Attempt;
  readonly span: Span;
  readonly whole: number;
  readonly reason: unknown;
}

function AttemptRow({ attempt, span, whole, reason }: AttemptRowProps) {
  const t = useWords();
  const language = useLanguage();
  const { status, outcome, blame } = attempt;
  const left = Math.min((span.from / whole) * 100, 100 - LEAST_PERCENT);
  const width = Math.max(((span.to - span.from) / whole) * 100, LEAST_PERCENT);
  const [from, to] = [formatSeconds(language, span.from), formatSeconds(language, span.to)];
  const took = formatSeconds(language, span.to - span.from);
  return (
    <li>
      <Group gap="xs">
        <Text fw={600}>{attempt.gateway}</Text>
        <State is={ATTEMPT_COLOURS[status]}>{t.payments.attemptStates[status]}</State>
        <Text size="sm">
          <Time at={attempt.started_at} />
          {' · '}
          {attempt.concluded_at === null ? t.payments.underWay : t.payments.took({ seconds: took })}
        </Text>
      </Group>
      <div className="lane" role="img" aria-label={t.payments.bar({ from, to })}>
        <div className={`bar state-${ATTEMPT_COLOURS[status]}`} style={{ left: `${left}%`, width: `${width}%` }} />
      </div>
      <Text size="sm" className="wraps">
        {t.payments.outcome}: {outcome ?? t.common.none}
        {blame === null ? null : ` · ${t.payments.blame}: ${t.payments.blames[blame]}`}
        {' · '}
        {t.payments.reference}: <Id>{attempt.reference}</Id>
      </Text>
      <RoutingReason reason={reason} />
    </li>
  );
}
