import { NativeSelect } from '@mantine/core';
import { useMemo, useState } from 'react';
import { given } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { useMay } from '../api/session.js';
import type { Column } from '../blocks/data-table.js';
import { DataVersions } from '../blocks/data-versions.js';
import { policiesCreate, policiesList, type SettlementPolicy } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { CURRENCIES } from '../i18n/format.js';

/** The day after, as most: to be written over. */
const BLANK = { mode: 'delay', delay: { days: 1, calendar: 'banking', time_zone: 'Africa/Lagos' } };

/** When merchants' money becomes available. */
export function SettlementPolicies() {
  const t = useWords();
  const [currency, setCurrency] = useState('');
  const columns = useMemo<readonly Column<SettlementPolicy>[]>(
    () => [
      {
        id: 'currency',
        header: t.payments.currency,
        cell: ({ currency: of }) => of ?? t.payments.any,
      },
    ],
    [t],
  );
  return (
    <DataVersions
      name="settlement_policies"
      title={t.screens.settlementPolicies}
      empty={{ title: t.versions.noPolicies, hint: t.versions.noPoliciesHint }}
      columns={columns}
      list={(query, signal) => policiesList({ query, signal })}
      csv={(query) => policiesList({ query, parseAs: 'text' })}
      mayCreate={useMay('ledger', 'manage')}
      blank={BLANK}
      contentHint={t.versions.policyHint}
      create={(version) =>
        policiesCreate({
          body: { ...version, ...given({ currency: CURRENCIES.find((each) => each === currency) }) },
        })
      }
      moreFields={(error) => (
        <NativeSelect
          label={t.payments.currency}
          value={currency}
          error={fieldErrorOf(error, '/currency')}
          onChange={(event) => setCurrency(event.currentTarget.value)}
          data={[{ value: '', label: t.payments.any }, ...CURRENCIES]}
        />
      )}
    />
  );
}
