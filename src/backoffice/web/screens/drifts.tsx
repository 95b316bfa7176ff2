import { Alert, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { State } from '../blocks/badges.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { ListFilters } from '../blocks/list-filters.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { proofDrifts, type LedgerDrift } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

const FILTERS = ['status'] as const;
const STATUSES = ['open', 'ended'] as const;

/** Accounts that were found not to be what their entries add up to. */
export function Drifts() {
  const t = useWords();
  const filters = useFilters(FILTERS);
  const { values } = filters;
  const query = given({ status: STATUSES.find((each) => each === values.status) });
  const columns = useMemo<readonly Column<LedgerDrift>[]>(
    () => [
      { id: 'found', header: t.ledger.found, cell: (drift) => <Time at={drift.found_at} /> },
      { id: 'account', header: t.trialBalance.account, cell: (drift) => <IdLink>{drift.account_id}</IdLink> },
      {
        id: 'totals',
        header: t.ledger.drifted,
        cell: ({ totals }) => (
          <Stack gap={2}>
            {totals.map((total) => (
              <Text key={total.column} size="sm" className="wraps">
                {t.ledger.drift({ column: total.column, stands: total.stands, sum: total.adds_up_to })}
              </Text>
            ))}
          </Stack>
        ),
      },
      {
        id: 'status',
        header: t.common.status,
        cell: (drift) => (
          <State is={drift.ended_at === null ? 'bad' : 'plain'}>
            {drift.ended_at === null ? t.ledger.driftOpen : t.ledger.driftEnded}
          </State>
        ),
      },
      { id: 'frozen', header: t.ledger.wasFrozen, cell: ({ frozen }) => (frozen ? t.common.yes : t.common.no) },
      { id: 'ended', header: t.ledger.ended, cell: (drift) => <Time at={drift.ended_at} /> },
    ],
    [t],
  );
  return (
    <Page
      title={t.screens.drifts}
      actions={
        <ExportCsv
          name="ledger_drifts"
          ask={(cursor) => proofDrifts({ query: { ...query, ...csvAfter(cursor) }, parseAs: 'text' })}
        />
      }
    >
      <ListFilters
        filters={filters}
        fields={[
          {
            name: 'status',
            label: t.common.status,
            as: 'select',
            options: [
              { value: '', label: t.payments.any },
              { value: 'open', label: t.ledger.driftOpen },
              { value: 'ended', label: t.ledger.driftEnded },
            ],
          },
        ]}
      />
      <ListedPage
        label={t.screens.drifts}
        filters={filters}
        columns={columns}
        queryKey={['drifts', query]}
        ask={(after, signal) => proofDrifts({ query: { ...query, ...given({ starting_after: after }) }, signal })}
        empty={{ title: t.ledger.noDrifts, hint: t.ledger.noDriftsHint }}
        above={(drifts) =>
          drifts.some((drift) => drift.ended_at === null) ? (
            <Alert color="red" role="alert">
              {t.ledger.driftWarning}
            </Alert>
          ) : null
        }
      />
    </Page>
  );
}
