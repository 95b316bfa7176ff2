import { Alert, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Amount } from '../blocks/amount.js';
import { ModeBadge, State } from '../blocks/badges.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { useWords } from '../i18n/i18n.js';

const TEXTS = [
  'attempt',
  'subject',
  'merchant',
  'gateway',
  'account',
  'reference',
  'currency',
  'gateway_reference',
] as const;

interface DecidedCase extends Readonly<Record<(typeof TEXTS)[number], string>> {
  readonly amount: number;
  readonly outcome: 'succeeded' | 'failed';
  readonly isLive: boolean;
}

/** @returns undefined where the payload is not what it is expected to be */
export function decidedCase(payload: Readonly<Record<string, unknown>>): ReactNode {
  const texts = Object.fromEntries(
    TEXTS.flatMap((name) => {
      const value = payload[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
  const { amount, outcome } = payload;
  if (Object.keys(texts).length < TEXTS.length || typeof amount !== 'number') return undefined;
  if (outcome !== 'succeeded' && outcome !== 'failed') return undefined;
  const read = { ...(texts as Readonly<Record<(typeof TEXTS)[number], string>>), amount, outcome } as const;
  return <DecidedCasePayload of={{ ...read, isLive: payload['livemode'] === true }} />;
}

/** Whoever approves is to look at the gateway, too: the reference to look for stands first. The remark is the reason that is shown anyway. */
function DecidedCasePayload({ of: read }: { readonly of: DecidedCase }) {
  const t = useWords();
  const words = t.gateways;
  return (
    <Stack gap="sm">
      <Alert>{words.approval.must}</Alert>
      <Facts
        facts={[
          [words.approval.reference, <Id key="reference">{read.reference}</Id>],
          [words.gateway, `${read.gateway}/${read.account}`],
          [
            words.cases.outcome,
            <State key="outcome" is={read.outcome === 'succeeded' ? 'good' : 'bad'}>
              {words.cases.outcomes[read.outcome]}
            </State>,
          ],
          [t.payments.amount, <Amount key="amount" minor={read.amount} currency={read.currency} />],
          [words.cases.gatewayReference, <Id key="theirs">{read.gateway_reference}</Id>],
          [words.cases.subject, <IdLink key="subject">{read.subject}</IdLink>],
          [t.screens.merchant, <IdLink key="merchant">{read.merchant}</IdLink>],
          [t.keys.mode, <ModeBadge key="mode" livemode={read.isLive} />],
          [words.approval.attempt, <Id key="attempt">{read.attempt}</Id>],
        ]}
      />
    </Stack>
  );
}
