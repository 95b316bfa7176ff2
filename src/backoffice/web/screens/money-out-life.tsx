import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Amount } from '../blocks/amount.js';
import { ModeBadge } from '../blocks/badges.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Section } from '../blocks/page.js';
import { useWords } from '../i18n/i18n.js';
import { Life } from './life/life.js';
import type { LifeOf } from './life/life-of.js';
import { Timeline } from './life/timeline.js';
import { AttemptsOf } from './payment-attempts.js';
import { RefundStatus, type PayoutFound, type RefundFound } from './payment-words.js';
import { RequestLink } from './request-link.js';

type MoneyOut = RefundFound | PayoutFound;

interface MoneyOutLifeProps {
  readonly of: MoneyOut;
  /** What only one of the two kinds has. */
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
}

const lifeOf = ({ id, attempts = [] }: MoneyOut): LifeOf => ({
  subjects: [id],
  attempts: attempts.map((attempt) => attempt.id),
});

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
      <Section title={t.payments.attempts}>
        <AttemptsOf sent={of} />
      </Section>
      <Life of={lifeOf(of)} />
      <Section title={t.life.timeline}>
        <Timeline of={lifeOf(of)} lives={[of]} />
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
