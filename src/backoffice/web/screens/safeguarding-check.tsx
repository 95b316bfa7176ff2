import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { answerOf } from '../api/client.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { DataTable, Empty, type Column } from '../blocks/data-table.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { safeguardingChecksOne, type SafeguardingCheck } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode } from '../shell/mode.js';
import { CheckState, CoverageState, type Coverage } from './safeguarding.js';

type GatewayPart = Coverage['gateways'][number];
type BankPart = Coverage['banks'][number];

/** Everybody has answered within half an hour, or it has failed. */
const WATCHED = { tries: 900, everyMs: 2_000 };

export function SafeguardingCheckDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const check = useQuery({
    queryKey: ['safeguarding', id],
    queryFn: ({ signal }) => answerOf(safeguardingChecksOne({ path: { id }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.status === 'waiting' && state.dataUpdateCount < WATCHED.tries ? WATCHED.everyMs : false,
  });
  return (
    <Page title={t.screens.safeguardingCheck}>
      <Async query={check}>{(found) => <Found check={found} />}</Async>
    </Page>
  );
}

function Found({ check }: { readonly check: SafeguardingCheck }) {
  const t = useWords();
  const isLive = useMode() === 'live';
  const { safeguarding } = t.books;
  const ofMode = check.coverage.filter(({ livemode }) => livemode === isLive);
  return (
    <>
      {check.problem === null ? null : (
        <Alert color="red" title={t.reconciliation.problem}>
          {check.problem}
        </Alert>
      )}
      <Facts
        facts={[
          [t.common.status, <CheckState key="state" status={check.status} />],
          [
            safeguarding.askedBy,
            check.requested_by === null ? safeguarding.byTheClock : <IdLink key="by">{check.requested_by}</IdLink>,
          ],
          [t.common.created, <Time key="created" at={check.created_at} />],
          [safeguarding.ended, <Time key="ended" at={check.closed_at} />],
          [t.common.id, <Id key="id">{check.id}</Id>],
        ]}
      />
      {check.status === 'judged' && ofMode.length === 0 ? <Empty title={safeguarding.nothing} hint="" /> : null}
      {ofMode.map((coverage) => (
        <Section key={coverage.currency} title={coverage.currency} actions={<CoverageState coverage={coverage} />}>
          <CoverageFacts coverage={coverage} />
          <Gateways coverage={coverage} />
          <Banks coverage={coverage} />
        </Section>
      ))}
    </>
  );
}

function CoverageFacts({ coverage }: { readonly coverage: Coverage }) {
  const t = useWords();
  const { safeguarding } = t.books;
  const { currency } = coverage;
  return (
    <Facts
      facts={[
        [safeguarding.owed, <Amount key="owed" minor={coverage.owed} currency={currency} />],
        [safeguarding.onItsWay, <Amount key="way" minor={coverage.on_its_way} currency={currency} />],
        [safeguarding.held, <Amount key="held" minor={coverage.held} currency={currency} />],
        [safeguarding.unproved, <Amount key="unproved" minor={coverage.unproved} currency={currency} />],
        [safeguarding.shortfall, <Amount key="short" minor={coverage.shortfall} currency={currency} />],
      ]}
    />
  );
}

function Gateways({ coverage: { gateways, currency } }: { readonly coverage: Coverage }) {
  const t = useWords();
  const columns = useMemo<readonly Column<GatewayPart>[]>(() => {
    const { safeguarding } = t.books;
    const money = (id: string, header: string, of: (part: GatewayPart) => number | null): Column<GatewayPart> => ({
      id,
      header,
      align: 'right',
      cell: (part) => {
        const minor = of(part);
        return minor === null ? t.reconciliation.unknown : <Amount minor={minor} currency={currency} />;
      },
    });
    return [
      {
        id: 'account',
        header: t.reconciliation.gatewayAccount,
        cell: ({ gateway_account: account }) => <IdLink>{account}</IdLink>,
      },
      money('booked', safeguarding.booked, ({ booked }) => booked),
      money('told', safeguarding.told, ({ told }) => told),
      money('under-way', safeguarding.underWay, (part) => part.under_way),
      money('settling', safeguarding.settling, ({ settling }) => settling),
      money('unproved', safeguarding.unproved, ({ unproved }) => unproved),
      money('contradicted', safeguarding.contradicted, ({ contradicted }) => contradicted),
    ];
  }, [t, currency]);
  return (
    <DataTable
      label={`${t.books.safeguarding.gateways} (${currency})`}
      columns={columns}
      rows={gateways}
      rowKey={({ gateway_account: account }) => account}
      empty={{ title: t.books.safeguarding.gateways, hint: t.common.nothing }}
    />
  );
}

function Banks({ coverage: { banks, currency } }: { readonly coverage: Coverage }) {
  const t = useWords();
  const columns = useMemo<readonly Column<BankPart>[]>(() => {
    const { safeguarding, sources } = t.books;
    return [
      { id: 'account', header: sources.account, cell: ({ account }) => account },
      {
        id: 'closing',
        header: safeguarding.closing,
        align: 'right',
        cell: (bank) => <Amount minor={bank.closing_balance} currency={currency} />,
      },
      {
        id: 'closed',
        header: safeguarding.closedOn,
        cell: (bank) => (bank.recent ? bank.closed_on : `${bank.closed_on}, ${safeguarding.old}`),
      },
    ];
  }, [t, currency]);
  return (
    <DataTable
      label={`${t.books.safeguarding.banks} (${currency})`}
      columns={columns}
      rows={banks}
      rowKey={({ account }) => account}
      empty={{ title: t.books.safeguarding.banks, hint: t.common.nothing }}
    />
  );
}
