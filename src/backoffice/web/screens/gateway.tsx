import { Alert, Group, List, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, type ReactNode } from 'react';
import { answerOf } from '../api/client.js';
import { useSession } from '../api/session.js';
import { may } from '../api/permissions.js';
import { Amount } from '../blocks/amount.js';
import { Async, Loading } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { Empty } from '../blocks/data-table.js';
import { Facts } from '../blocks/facts.js';
import { IdLink } from '../blocks/id-link.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { routingAdminGateways, type GatewayAccount, type RoutingPerformance } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { GatewayErrors } from './gateway-errors.js';
import { GatewayFees } from './gateway-fees.js';
import { GatewaySegments } from './gateway-segments.js';
import {
  BreakerState,
  GATEWAY_FILTERS,
  kindOf,
  Seconds,
  SuccessShare,
  usePerformance,
  WindowFilters,
  windowOf,
  type Figures,
} from './gateway-words.js';

/** Charts come when they are looked at: nobody else pays for what draws them. */
const GatewayCharts = lazy(() =>
  import('./gateway-charts.js').then(({ GatewayCharts: Charts }) => ({ default: Charts })),
);

/** One account at a gateway: how it does, what is believed of it, what it keeps. */
export function GatewayDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const accounts = useQuery({
    queryKey: ['gateways'],
    queryFn: ({ signal }) => answerOf(routingAdminGateways({ signal })),
    refetchInterval: 15_000,
  });
  const account = accounts.data?.data.find((each) => each.id === id);
  return (
    <Page title={account === undefined ? t.screens.gateway : `${account.gateway}/${account.name}`}>
      <Async query={accounts}>
        {() =>
          account === undefined ? (
            <Empty title={t.shell.notFound} hint={t.shell.notFoundHint} />
          ) : (
            <Stack gap="xl">
              <AccountFacts account={account} />
              <Performance account={account} />
              <GatewaySegments account={account.id} />
              <GatewayFees account={account} />
            </Stack>
          )
        }
      </Async>
    </Page>
  );
}

function AccountFacts({ account }: { readonly account: GatewayAccount }) {
  const t = useWords();
  const words = t.gateways;
  return (
    <Section title={words.facts}>
      <Facts
        facts={[
          [words.breaker, <BreakerState key="breaker" state={account.breaker} />],
          [words.disbursementBreaker, <BreakerState key="out" state={account.disbursement_breaker} />],
          [t.keys.mode, <ModeBadge key="mode" livemode={account.livemode} />],
          [t.common.status, account.enabled ? t.common.yes : words.disabled],
          [words.priority, account.priority],
          [
            words.merchant,
            account.merchant_id === null ? words.everyMerchant : <IdLink key="for">{account.merchant_id}</IdLink>,
          ],
          [words.floats, <Floats key="floats" account={account} />],
          [words.baseUrl, <span key="url">{account.base_url}</span>],
          [t.common.created, <Time key="created" at={account.created_at} />],
        ]}
      />
    </Section>
  );
}

function Floats({ account: { floats } }: { readonly account: GatewayAccount }) {
  const words = useWords().gateways;
  if (floats.length === 0) return <>{words.noFloat}</>;
  return (
    <List size="sm" listStyleType="none">
      {floats.map((float) => (
        <List.Item key={float.currency}>
          <Amount minor={float.available} currency={float.currency} /> (<Time at={float.asked_at} />)
        </List.Item>
      ))}
    </List>
  );
}

function Performance({ account }: { readonly account: GatewayAccount }) {
  const t = useWords();
  const { values, set } = useFilters(GATEWAY_FILTERS);
  const [window, kind] = [windowOf(values.window), kindOf(values.kind)];
  const mode = account.livemode ? 'live' : 'test';
  const performance = usePerformance({ window, kind, mode, account: account.id });
  return (
    <Section title={t.gateways.charts}>
      <WindowFilters window={window} kind={kind} onSet={set} />
      <Async query={performance}>
        {(read) => {
          const [figures] = read.accounts;
          return figures === undefined || figures.attempts === 0 ? (
            <Empty title={t.gateways.nothing} hint={t.gateways.nothingHint} />
          ) : (
            <Stack gap="md">
              {read.is_sample ? <Alert role="status">{t.gateways.sample}</Alert> : null}
              <FigureFacts figures={figures} />
              <Ways account={account} read={read} />
              <Suspense fallback={<Loading />}>
                <GatewayCharts figures={figures} />
              </Suspense>
              <GatewayErrors errors={figures.errors} />
            </Stack>
          );
        }}
      </Async>
    </Section>
  );
}

function FigureFacts({ figures }: { readonly figures: Figures }) {
  const words = useWords().gateways;
  const language = useLanguage();
  const count = (value: number): string => formatNumber(language, value);
  const failed = `${count(figures.failed)} (${words.refused({ count: count(figures.refused) })})`;
  const facts: (readonly [string, ReactNode])[] = [
    [words.success, <SuccessShare key="success" figures={figures} />],
    [words.p50, <Seconds key="p50" seconds={figures.p50_seconds} />],
    [words.p95, <Seconds key="p95" seconds={figures.p95_seconds} />],
    [words.attempts, count(figures.attempts)],
    [words.failed, failed],
    [words.unknown, count(figures.unknown)],
    [words.inFlight, count(figures.in_flight)],
  ];
  return <Facts facts={facts} />;
}

/** To what stands behind the figures. Refunds and payouts have no list by gateway. */
function Ways({ account, read }: { readonly account: GatewayAccount; readonly read: RoutingPerformance }) {
  const t = useWords();
  const session = useSession();
  const mode = account.livemode ? 'live' : 'test';
  const payments = { mode, gateway: account.gateway, created_from: read.from, created_to: read.to };
  const mayReadPayments = read.kind === 'payment' && may(session, 'payments', 'read');
  return (
    <Group gap="md">
      {mayReadPayments ? (
        <>
          <LinkAnchor to="/payments" search={payments}>
            {t.gateways.toPayments}
          </LinkAnchor>
          <LinkAnchor to="/payments" search={{ ...payments, status: 'failed' }}>
            {t.gateways.toFailed}
          </LinkAnchor>
        </>
      ) : null}
      <LinkAnchor to="/cases" search={{ mode, all: 'true', gateway: account.gateway }}>
        {t.gateways.toCases}
      </LinkAnchor>
    </Group>
  );
}
