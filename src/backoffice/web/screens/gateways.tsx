import { Alert, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerOf } from '../api/client.js';
import { Async } from '../blocks/async.js';
import { DataTable, type Column } from '../blocks/data-table.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { useFilters } from '../blocks/use-filters.js';
import { routingAdminGateways, type GatewayAccount } from '../generated/index.js';
import { formatNumber } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import { useMode } from '../shell/mode.js';
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

interface Row {
  readonly account: GatewayAccount;
  /** Undefined: they are on their way. */
  readonly figures: Figures | undefined;
}

/** Gateway accounts of the mode, and how they have done of late. */
export function Gateways() {
  const t = useWords();
  const mode = useMode();
  const { values, set } = useFilters(GATEWAY_FILTERS);
  const [window, kind] = [windowOf(values.window), kindOf(values.kind)];
  const accounts = useQuery({
    queryKey: ['gateways'],
    queryFn: ({ signal }) => answerOf(routingAdminGateways({ signal })),
    refetchInterval: 15_000,
  });
  const performance = usePerformance({ window, kind, mode, account: undefined });
  const columns = useGatewayColumns();
  return (
    <Page title={t.screens.gateways}>
      <WindowFilters window={window} kind={kind} onSet={set} />
      <Async query={performance}>
        {(read) => (
          <Stack gap="sm">
            {read.is_sample ? <Alert role="status">{t.gateways.sample}</Alert> : null}
            <Async query={accounts}>
              {({ data }) => (
                <DataTable
                  label={t.screens.gateways}
                  columns={columns}
                  rows={data
                    .filter(({ livemode }) => livemode === (mode === 'live'))
                    .toSorted((one, other) => one.priority - other.priority)
                    .map((account): Row => {
                      const figures = read.accounts.find((each) => each.gateway_account === account.id);
                      return { account, figures };
                    })}
                  rowKey={({ account }) => account.id}
                  empty={{ title: t.gateways.empty, hint: t.gateways.emptyHint }}
                />
              )}
            </Async>
          </Stack>
        )}
      </Async>
    </Page>
  );
}

function useGatewayColumns(): readonly Column<Row>[] {
  const t = useWords();
  const language = useLanguage();
  return useMemo(() => {
    const words = t.gateways;
    const count = (name: 'attempts' | 'unknown' | 'in_flight', header: string): Column<Row> => ({
      id: name,
      header,
      align: 'right',
      cell: ({ figures }) => (figures === undefined ? t.common.none : formatNumber(language, figures[name])),
    });
    return [
      {
        id: 'account',
        header: words.account,
        cell: ({ account }) => (
          <Stack gap={2}>
            <LinkAnchor to={`/gateways/${account.id}`} className="wraps">
              {account.gateway}/{account.name}
            </LinkAnchor>
            {account.enabled ? null : <Text size="xs">{words.disabled}</Text>}
          </Stack>
        ),
      },
      { id: 'breaker', header: words.breaker, cell: ({ account }) => <BreakerState state={account.breaker} /> },
      {
        id: 'disbursements',
        header: words.disbursementBreaker,
        cell: ({ account }) => <BreakerState state={account.disbursement_breaker} />,
      },
      {
        id: 'success',
        header: words.success,
        align: 'right',
        cell: ({ figures }) => <SuccessShare figures={figures} />,
      },
      {
        id: 'p95',
        header: words.p95,
        align: 'right',
        cell: ({ figures }) => <Seconds seconds={figures?.p95_seconds ?? null} />,
      },
      count('attempts', words.attempts),
      count('unknown', words.unknown),
      count('in_flight', words.inFlight),
      {
        id: 'errors',
        header: words.errors,
        cell: ({ figures }) =>
          figures === undefined || figures.errors.length === 0 ? (
            words.noErrors
          ) : (
            <List size="xs" listStyleType="none">
              {figures.errors.slice(0, 3).map(({ code, blame, status, count: times }) => (
                <List.Item key={`${code} ${blame} ${status}`} className="wraps">
                  {code} × {formatNumber(language, times)}
                </List.Item>
              ))}
            </List>
          ),
      },
    ];
  }, [t, language]);
}
