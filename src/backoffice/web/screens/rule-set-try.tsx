import { Button, Code, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { answerOf } from '../api/client.js';
import { useMay } from '../api/session.js';
import { isJsonObject, JsonField, readJson } from '../blocks/json-field.js';
import { Section } from '../blocks/page.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { insightBacktest, insightSimulate, merchantsList } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode } from '../shell/mode.js';

/** What a version would do and would have done. Nothing is changed by either. */
export function TryRules({ version }: { readonly version: number }) {
  return (
    <>
      <DryRun version={version} />
      <Backtest version={version} />
    </>
  );
}

function examplePayment(merchantId: string, livemode: boolean): string {
  const method = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
  return JSON.stringify({ merchant_id: merchantId, livemode, amount: 5_000, currency: 'GHS', method }, null, 2);
}

/** Begins with a payment of a merchant that there is, where one may see them. */
function DryRun({ version }: { readonly version: number }) {
  const t = useWords();
  const livemode = useMode() === 'live';
  const maySeeMerchants = useMay('merchants', 'read');
  const merchants = useQuery({
    queryKey: ['merchants', 'first'],
    queryFn: ({ signal }) => answerOf(merchantsList({ query: { limit: 1 }, signal })),
    enabled: maySeeMerchants,
  });
  const [typed, setTyped] = useState<string>();
  const text = typed ?? examplePayment(merchants.data?.data[0]?.id ?? 'mer_', livemode);
  const simulated = useMutation({
    mutationFn: () => {
      const payment = readJson(text);
      if (!isJsonObject(payment)) throw new Error(t.rules.notJson);
      return answerOf(insightSimulate({ body: { version, payment } }));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    simulated.mutate();
  };
  return (
    <Section title={t.rules.simulate}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t.rules.simulateIntro}</Text>
          <JsonField label={t.rules.payment} value={text} onChange={setTyped} />
          <ProblemAlert error={simulated.error} />
          <Group>
            <Button type="submit" variant="default" loading={simulated.isPending}>
              {t.rules.simulate}
            </Button>
          </Group>
          <Result of={simulated.data} />
        </Stack>
      </form>
    </Section>
  );
}

/** Beyond that gateways say little about today's. */
const MAX_DAYS = 92;

function Backtest({ version }: { readonly version: number }) {
  const t = useWords();
  const livemode = useMode() === 'live';
  const [days, setDays] = useState<number | string>(7);
  const tested = useMutation({
    mutationFn: () => answerOf(insightBacktest({ body: { version, days: Number(days), livemode } })),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    tested.mutate();
  };
  return (
    <Section title={t.rules.backtest}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t.rules.backtestIntro}</Text>
          <NumberInput
            maw={160}
            label={t.rules.days}
            required
            min={1}
            max={MAX_DAYS}
            allowDecimal={false}
            hideControls
            value={days}
            onChange={setDays}
          />
          <ProblemAlert error={tested.error} />
          <Group>
            <Button type="submit" variant="default" loading={tested.isPending}>
              {t.rules.backtest}
            </Button>
          </Group>
          <Result of={tested.data} />
        </Stack>
      </form>
    </Section>
  );
}

function Result({ of }: { readonly of: Readonly<Record<string, unknown>> | undefined }) {
  const t = useWords();
  if (of === undefined) return null;
  return (
    <Code block className="secret" role="status" aria-label={t.rules.result}>
      {JSON.stringify(of, null, 2)}
    </Code>
  );
}
