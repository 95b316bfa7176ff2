import { Text, Timeline } from '@mantine/core';
import type { ReactNode } from 'react';
import { Amount } from '../blocks/amount.js';
import { ModeBadge } from '../blocks/badges.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useWords } from '../i18n/i18n.js';
import { AttemptsOf } from './payment-attempts.js';
import { RefundStatus, type PayoutFound, type RefundFound } from './payment-words.js';
import { RequestLink } from './request-link.js';

type MoneyOut = RefundFound | PayoutFound;

/** While it is on its way it is looked at again, for as long as somebody may still be watching. */
const WATCHED = { tries: 40, everyMs: 3_000 };

/** For the query of one of them: whether to ask again, and when. */
export const whileUnderWay = ({
  state,
}: {
  readonly state: { readonly data: MoneyOut | undefined; readonly dataUpdateCount: number };
}): number | false =>
  state.data?.status === 'processing' && state.dataUpdateCount < WATCHED.tries ? WATCHED.everyMs : false;

interface MoneyOutLifeProps {
  readonly of: MoneyOut;
  /** What only one of the two kinds has. */
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
}

/** A refund or a payout as a payment is shown: what it is, what happened when, and each attempt at each gateway. */
export function MoneyOutLife({ of, facts }: MoneyOutLifeProps) {
  const t = useWords();
  const { currency, metadata } = of;
  return (
    <>
      <Facts
        facts={[
          [t.common.status, <RefundStatus key="status" status={of.status} />],
          [t.payments.amount, <Amount key="amount" minor={of.amount} currency={currency} />],
          [t.keys.mode, <ModeBadge key="mode" livemode={of.livemode} />],
          ...facts,
          [t.payments.gateway, of.gateway ?? t.common.none],
          [
            t.payments.gatewayFee,
            of.fees.gateway === null ? (
              t.payments.unknownYet
            ) : (
              <Amount key="fee" minor={of.fees.gateway} currency={currency} />
            ),
          ],
          [t.payments.failure, of.failure_code ?? t.common.none],
          [t.payments.merchant, <IdLink key="merchant">{of.merchant}</IdLink>],
          [t.common.id, <Id key="id">{of.id}</Id>],
          [t.common.requestId, <RequestLink key="request">{of.request_id}</RequestLink>],
        ]}
      />
      <Section title={t.payouts.timeline}>
        <Happenings of={of} />
      </Section>
      <Section title={t.payments.attempts}>
        <AttemptsOf sent={of} />
      </Section>
      <Section title={t.payments.metadata}>
        {Object.keys(metadata).length === 0 ? (
          <Text size="sm">{t.payments.noMetadata}</Text>
        ) : (
          <Facts facts={Object.entries(metadata)} />
        )}
      </Section>
    </>
  );
}

/** In the order in which it happened. */
function Happenings({ of }: { readonly of: MoneyOut }) {
  const t = useWords();
  const words = t.payouts.happened;
  const happened = [
    { at: of.created_at, what: words.created },
    ...(of.attempts ?? []).flatMap(({ gateway, started_at: from, concluded_at: to, status }) => [
      { at: from, what: words.sent({ gateway }) },
      ...(to === null ? [] : [{ at: to, what: words.answered({ gateway, state: t.payments.attemptStates[status] }) }]),
    ]),
    ...(of.concluded_at === null ? [] : [{ at: of.concluded_at, what: words.concluded[concludedAs(of)] }]),
    ...(of.returned_at === null ? [] : [{ at: of.returned_at, what: words.returned }]),
  ].toSorted((one, other) => one.at.localeCompare(other.at));
  return (
    <Timeline active={happened.length - 1} bulletSize={14} lineWidth={2}>
      {happened.map(({ at, what }) => (
        <Timeline.Item key={`${at} ${what}`} title={what}>
          <Text size="sm" c="dimmed">
            <Time at={at} />
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

/** What came back had succeeded before. */
const concludedAs = ({ status }: MoneyOut): 'succeeded' | 'failed' => (status === 'failed' ? 'failed' : 'succeeded');
