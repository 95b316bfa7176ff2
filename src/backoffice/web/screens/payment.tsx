import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { answerOf } from '../api/client.js';
import { useMay } from '../api/session.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { adminPaymentsRead } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { Life } from './life/life.js';
import type { LifeOf } from './life/life-of.js';
import { Timeline } from './life/timeline.js';
import { Attempts } from './payment-attempts.js';
import { AskRefund } from './payment-refund.js';
import { PaymentStatus, RefundStatus, useMethodName, type PaymentFound, type Refund } from './payment-words.js';
import { RequestLink } from './request-link.js';

export function PaymentDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const payment = useQuery({
    queryKey: ['payment', id],
    queryFn: ({ signal }) => answerOf(adminPaymentsRead({ path: { id }, signal })),
  });
  return (
    <Page
      title={payment.data?.reference ?? t.screens.payment}
      actions={payment.data === undefined ? undefined : <Actions payment={payment.data} />}
    >
      <Async query={payment}>{(found) => <Found payment={found} />}</Async>
    </Page>
  );
}

/** What is neither given back yet nor on its way. */
const leftOf = ({ amount, refunded, refunding }: PaymentFound): number => amount - refunded - refunding;

function Actions({ payment }: { readonly payment: PaymentFound }) {
  const t = useWords();
  const mayManage = useMay('payments', 'manage');
  const [isAsking, setAsking] = useState(false);
  const left = leftOf(payment);
  if (!mayManage || payment.status !== 'succeeded' || left <= 0) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t.payments.refund}</Button>
      {isAsking ? <AskRefund payment={payment} left={left} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

/** Of itself and its refunds. */
function lifeOf({ id, attempts = [], refunds }: PaymentFound): LifeOf {
  const all = [...attempts, ...refunds.flatMap((refund) => refund.attempts ?? [])];
  return { subjects: [id, ...refunds.map((refund) => refund.id)], attempts: all.map((attempt) => attempt.id) };
}

function Found({ payment }: { readonly payment: PaymentFound }) {
  const t = useWords();
  const methodName = useMethodName();
  return (
    <>
      <Facts
        facts={[
          [t.common.status, <PaymentStatus key="status" status={payment.status} />],
          [t.payments.amount, <Amount key="amount" minor={payment.amount} currency={payment.currency} />],
          [t.keys.mode, <ModeBadge key="mode" livemode={payment.livemode} />],
          [t.payments.method, methodName(payment.method)],
          [t.payments.gateway, payment.gateway ?? t.common.none],
          [t.payments.failure, payment.failure_code ?? t.common.none],
          [t.payments.merchant, <IdLink key="merchant">{payment.merchant}</IdLink>],
          [t.common.id, <Id key="id">{payment.id}</Id>],
          [t.common.created, <Time key="created" at={payment.created_at} />],
          [t.payments.concluded, <Time key="concluded" at={payment.concluded_at} />],
          [t.common.requestId, <RequestLink key="request">{payment.request_id}</RequestLink>],
          [t.payments.description, payment.description ?? t.common.none],
          [t.payments.returnUrl, payment.return_url ?? t.common.none],
        ]}
      />
      <Money payment={payment} />
      <CustomerFacts payment={payment} />
      <Section title={t.payments.attempts}>
        <Attempts payment={payment} />
      </Section>
      <Section title={t.payments.refunds}>
        <Refunds refunds={payment.refunds} />
      </Section>
      <Life of={lifeOf(payment)} />
      <Section title={t.life.timeline}>
        <Timeline of={lifeOf(payment)} lives={[payment, ...payment.refunds]} />
      </Section>
      <Section title={t.payments.metadata}>
        {Object.keys(payment.metadata).length === 0 ? (
          <Text size="sm">{t.payments.noMetadata}</Text>
        ) : (
          <Facts facts={Object.entries(payment.metadata)} />
        )}
      </Section>
    </>
  );
}

function Money({ payment: { fees, currency, refunded, refunding } }: { readonly payment: PaymentFound }) {
  const t = useWords();
  return (
    <Section title={t.payments.amount}>
      <Facts
        facts={[
          [t.payments.platformFee, <Amount key="platform" minor={fees.platform} currency={currency} />],
          [t.payments.schedule, fees.schedule === null ? t.common.none : <Id key="schedule">{fees.schedule}</Id>],
          [
            t.payments.gatewayFee,
            fees.gateway === null ? (
              t.payments.unknownYet
            ) : (
              <Amount key="gateway" minor={fees.gateway} currency={currency} />
            ),
          ],
          [t.payments.refunded, <Amount key="refunded" minor={refunded} currency={currency} />],
          [t.payments.refunding, <Amount key="refunding" minor={refunding} currency={currency} />],
        ]}
      />
    </Section>
  );
}

function CustomerFacts({ payment: { customer } }: { readonly payment: PaymentFound }) {
  const t = useWords();
  const facts = [
    [t.payments.customerName, customer.name],
    [t.payments.phone, customer.phone],
    [t.payments.email, customer.email],
  ].flatMap(([name = '', value]): [string, string][] => (value === undefined ? [] : [[name, value]]));
  return (
    <Section title={t.payments.customer}>
      {facts.length === 0 ? <Text size="sm">{t.payments.noCustomer}</Text> : <Facts facts={facts} />}
    </Section>
  );
}

function Refunds({ refunds }: { readonly refunds: readonly Refund[] }) {
  const t = useWords();
  const columns = useMemo<readonly Column<Refund>[]>(
    () => [
      { id: 'id', header: t.common.id, cell: ({ id }) => <IdLink>{id}</IdLink> },
      {
        id: 'amount',
        header: t.payments.amount,
        align: 'right',
        cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
      },
      { id: 'status', header: t.common.status, cell: ({ status }) => <RefundStatus status={status} /> },
      { id: 'failure', header: t.payments.failure, cell: (refund) => refund.failure_code ?? t.common.none },
      { id: 'reason', header: t.payments.refundReason, cell: ({ reason }) => reason ?? t.common.none },
      {
        id: 'source',
        header: t.payments.source,
        cell: ({ source, approval }) => {
          if (approval !== null) return <IdLink>{approval}</IdLink>;
          return source === 'surplus' ? t.payments.surplus : t.payments.byMerchant;
        },
      },
      { id: 'created', header: t.common.created, cell: (refund) => <Time at={refund.created_at} /> },
    ],
    [t],
  );
  return (
    <DataTable
      label={t.payments.refunds}
      columns={columns}
      rows={refunds}
      rowKey={({ id }) => id}
      empty={{ title: t.payments.noRefunds, hint: t.payments.noRefundsHint }}
    />
  );
}
