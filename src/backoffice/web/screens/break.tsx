import { Alert, Button, Stack, Text } from '@mantine/core';
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
import { breaksOne, type ReconciliationBreak } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { canBeResolved, Standing } from './break-columns.js';
import { ResolveBreaks } from './break-resolve.js';
import { BankSide, LedgerSide, OurSide, TheirSide } from './break-sides.js';
import { Age, Differing, useBreakName, type Difference } from './reconciliation-words.js';
import { useResolutionColumns } from './resolution-columns.js';

/** One break: what each side says, and what was decided about it. */
export function BreakDetail() {
  const t = useWords();
  const nameOf = useBreakName();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const found = useQuery({
    queryKey: ['break', id],
    queryFn: ({ signal }) => answerOf(breaksOne({ path: { id }, signal })),
  });
  const { breaks } = t.reconciliation;
  return (
    <Page
      title={found.data === undefined ? t.screens.break : `${breaks.kinds[found.data.kind]}: ${nameOf(found.data)}`}
      actions={found.data === undefined ? undefined : <Actions found={found.data} />}
    >
      <Async query={found}>{(shown) => <Found found={shown} />}</Async>
    </Page>
  );
}

function Actions({ found }: { readonly found: ReconciliationBreak }) {
  const t = useWords();
  const mayManage = useMay('reconciliation', 'manage');
  const [isOpen, setOpen] = useState(false);
  if (!mayManage || !canBeResolved(found)) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t.reconciliation.resolve.open}</Button>
      {isOpen ? <ResolveBreaks breaks={[found]} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Found({ found }: { readonly found: ReconciliationBreak }) {
  const t = useWords();
  const { breaks } = t.reconciliation;
  const resolutionColumns = useResolutionColumns();
  return (
    <>
      <Text>{breaks.hints[found.kind]}</Text>
      {found.status === 'open' && found.asked ? <Alert title={breaks.asked}>{breaks.askedHint}</Alert> : null}
      <Section title={breaks.differences}>
        <DifferenceTable found={found} />
      </Section>
      <Section title={t.common.details}>
        <BreakFacts found={found} />
      </Section>
      <Section title={breaks.oursTitle}>
        <OurSide ours={found.ours} />
      </Section>
      {found.side === 'bank' ? (
        <BankSide settlement={found.settlement} entry={found.entry} />
      ) : (
        <Section title={breaks.theirsTitle}>
          <TheirSide theirs={found.theirs} />
        </Section>
      )}
      <Section title={breaks.movements}>
        <LedgerSide movements={found.movements} />
      </Section>
      <Section title={t.reconciliation.resolutions.title}>
        <DataTable
          label={t.reconciliation.resolutions.title}
          columns={resolutionColumns}
          rows={found.resolutions}
          rowKey={({ id }) => id}
          empty={{ title: t.reconciliation.resolutions.none, hint: t.reconciliation.resolutions.noneHint }}
        />
      </Section>
    </>
  );
}

function DifferenceTable({ found: { differences, currency } }: { readonly found: ReconciliationBreak }) {
  const t = useWords();
  const columns = useMemo<readonly Column<Difference>[]>(() => {
    const { breaks } = t.reconciliation;
    return [
      { id: 'field', header: breaks.field, cell: ({ field }) => breaks.fields[field] },
      {
        id: 'ours',
        header: breaks.ours,
        cell: ({ field, ours }) => <Differing field={field} value={ours} currency={currency} />,
      },
      {
        id: 'theirs',
        header: breaks.theirs,
        cell: ({ field, theirs }) => <Differing field={field} value={theirs} currency={currency} />,
      },
    ];
  }, [t, currency]);
  return (
    <DataTable
      label={t.reconciliation.breaks.differences}
      columns={columns}
      rows={differences}
      rowKey={({ field }) => field}
      empty={{ title: t.common.nothing, hint: '' }}
    />
  );
}

function BreakFacts({ found }: { readonly found: ReconciliationBreak }) {
  const t = useWords();
  const { breaks } = t.reconciliation;
  const { amount, currency } = found;
  return (
    <Stack gap="sm">
      <Facts
        facts={[
          [breaks.state, <Standing key="state" found={found} />],
          [
            breaks.stake,
            amount === null || currency === null ? (
              t.common.none
            ) : (
              <Amount key="stake" minor={amount} currency={currency} />
            ),
          ],
          [breaks.side, breaks.sides[found.side]],
          [breaks.owner, breaks.owners[found.owner]],
          [t.payments.gateway, found.gateway],
          [t.reconciliation.gatewayAccount, <IdLink key="account">{found.gateway_account}</IdLink>],
          [t.reconciliation.mode, <ModeBadge key="mode" livemode={found.livemode} />],
          [
            t.payments.merchant,
            found.merchant === null ? t.common.none : <IdLink key="merchant">{found.merchant}</IdLink>,
          ],
          [breaks.age, <Age key="age" seconds={found.age_seconds} />],
          [breaks.occurred, <Time key="occurred" at={found.occurred_at} />],
          [breaks.opened, <Time key="opened" at={found.opened_at} />],
          [breaks.foundBy, found.opened_by === null ? breaks.byTheBank : <IdLink key="run">{found.opened_by}</IdLink>],
          [t.common.id, <Id key="id">{found.id}</Id>],
          ...(found.closed_at === null
            ? []
            : ([
                [breaks.closed, <Time key="closed" at={found.closed_at} />],
                [breaks.closedWhy, found.closed_why ?? t.common.none],
                [
                  breaks.closedBy,
                  found.closed_by === null ? t.common.none : <IdLink key="closer">{found.closed_by}</IdLink>,
                ],
              ] as const)),
        ]}
      />
    </Stack>
  );
}
