import { Alert, Button, Group, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerOf, given } from '../api/client.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { DataTable, Empty, type Column } from '../blocks/data-table.js';
import { LinkAnchor } from '../blocks/link.js';
import { localOf, momentOf } from '../blocks/local-moment.js';
import { Page, Section } from '../blocks/page.js';
import { ProblemAlert } from '../blocks/problem-alert.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { trialBalanceRead, type AccountTotals, type CurrencyTotals } from '../generated/index.js';
import { formatAmount } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { useLivemode } from '../shell/mode.js';
import { useKindName } from './ledger-words.js';

const FILTERS = ['as_of'] as const;

/** Of the mode that one is in: test money and real money are never added up. */
export function TrialBalance() {
  const t = useWords();
  const livemode = useLivemode();
  const { values, set } = useFilters(FILTERS);
  const balance = useQuery({
    queryKey: ['trial-balance', livemode, values],
    queryFn: ({ signal }) => answerOf(trialBalanceRead({ query: { livemode, ...given(values) }, signal })),
  });
  return (
    <Page title={t.screens.trialBalance} actions={<Verify livemode={livemode} />}>
      <TextInput
        type="datetime-local"
        maw={260}
        label={t.trialBalance.asOfLabel}
        value={localOf(values.as_of)}
        onChange={(event) => set({ as_of: momentOf(event.currentTarget.value) })}
      />
      <Async query={balance}>
        {({ data, as_of: asOf }) => (
          <>
            <Text size="sm">
              {t.trialBalance.asOf} <Time at={asOf} />
            </Text>
            {data.length === 0 ? <Empty title={t.trialBalance.empty} hint={t.trialBalance.emptyHint} /> : null}
            {data.map((totals) => (
              <Currency key={totals.currency} totals={totals} asOf={values.as_of} />
            ))}
          </>
        )}
      </Async>
    </Page>
  );
}

interface CurrencyProps {
  readonly totals: CurrencyTotals;
  /** What was booked before counts; undefined: all. */
  readonly asOf: string | undefined;
}

function Currency({ totals, asOf }: CurrencyProps) {
  const kindName = useKindName();
  const t = useWords();
  const language = useLanguage();
  const { currency, difference, accounts } = totals;
  const columns = useMemo<readonly Column<AccountTotals>[]>(() => {
    const amount = (id: 'debits' | 'credits' | 'balance'): Column<AccountTotals> => ({
      id,
      header: t.trialBalance[id],
      align: 'right',
      cell: (account) => <Amount minor={account[id]} currency={currency} />,
    });
    return [
      {
        id: 'account',
        header: t.trialBalance.account,
        cell: (account) => (
          <>
            <LinkAnchor to={`/ledger-accounts/${account.id}`} search={given({ to: asOf })}>
              {kindName(account.kind)}
            </LinkAnchor>
            <Text size="xs" className="id">
              {account.id}
            </Text>
          </>
        ),
      },
      amount('debits'),
      amount('credits'),
      amount('balance'),
    ];
  }, [t, currency, kindName, asOf]);
  return (
    <Section title={currency}>
      {difference === 0 ? (
        <Alert color="teal">
          {t.trialBalance.balanced}: <Amount minor={totals.debits} currency={currency} />
        </Alert>
      ) : (
        <Alert color="red" role="alert">
          {t.trialBalance.unbalanced({ difference: formatAmount(language, difference, currency) })}
        </Alert>
      )}
      <DataTable
        label={t.trialBalance.caption({ currency })}
        columns={columns}
        rows={accounts}
        rowKey={({ id }) => id}
        empty={{ title: t.trialBalance.empty, hint: t.trialBalance.emptyHint }}
      />
    </Section>
  );
}

/** Beside what the accounts say of themselves: what their entries add up to. */
function Verify({ livemode }: { readonly livemode: 'true' | 'false' }) {
  const t = useWords();
  const verified = useMutation({
    mutationFn: () => answerOf(trialBalanceRead({ query: { livemode, verify: 'true' } })),
  });
  const holds = verified.data?.entries_agree === true && verified.data.holds_agree === true;
  return (
    <Group gap="xs">
      <Button
        variant="default"
        title={t.trialBalance.verifyHint}
        loading={verified.isPending}
        onClick={() => verified.mutate()}
      >
        {t.trialBalance.verify}
      </Button>
      <ProblemAlert error={verified.error} />
      {verified.data === undefined ? null : (
        <Alert color={holds ? 'teal' : 'red'} role={holds ? 'status' : 'alert'}>
          {holds ? t.trialBalance.agree : t.trialBalance.disagree}
        </Alert>
      )}
    </Group>
  );
}
