import { useMemo } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';

import { ExportCsv } from '../blocks/export-csv.js';
import { ListedPage } from '../blocks/listed-page.js';
import { Page } from '../blocks/page.js';
import { useFilters } from '../blocks/use-filters.js';
import { resolutionsList } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode } from '../shell/mode.js';
import { ListFilters, type FilterField } from '../blocks/list-filters.js';
import { EVERY_STATE, RESOLUTION_STATES } from './reconciliation-words.js';
import { useResolutionColumns } from './resolution-columns.js';

const FILTERS = ['status', 'automatic', 'gateway_account', 'break'] as const;
type Filter = (typeof FILTERS)[number];

const WAITING_FIRST = { status: 'proposed' } as const;

/** What was decided about breaks, by people and by the program; what waits for another person, where nothing is asked for. */
export function Resolutions() {
  const t = useWords();
  const mode = useMode();
  const filters = useFilters(FILTERS);
  const { values } = filters;
  const { status: wanted = 'proposed', automatic, ...others } = values;
  const query = given({
    livemode: mode === 'live' ? ('true' as const) : ('false' as const),
    ...others,
    status: RESOLUTION_STATES.find((each) => each === wanted),
    automatic: (['true', 'false'] as const).find((each) => each === automatic),
  });
  const columns = useResolutionColumns();
  const fields = useResolutionFields();
  const isPlain = wanted === 'proposed' && Object.keys(query).length === 2;
  return (
    <Page
      title={t.screens.resolutions}
      actions={
        <ExportCsv
          name="resolutions"
          ask={(cursor) => resolutionsList({ query: { ...query, ...csvAfter(cursor) }, parseAs: 'text' })}
        />
      }
    >
      <ListFilters filters={filters} fields={fields} initial={WAITING_FIRST} />
      <ListedPage
        label={t.screens.resolutions}
        filters={filters}
        columns={columns}
        queryKey={['resolutions', query]}
        ask={(after, signal) => resolutionsList({ query: { ...query, ...given({ starting_after: after }) }, signal })}
        empty={{ title: t.reconciliation.resolutions.empty, hint: t.reconciliation.resolutions.emptyHint }}
        isFiltered={!isPlain}
      />
    </Page>
  );
}

function useResolutionFields(): readonly FilterField<Filter>[] {
  const t = useWords();
  return useMemo(() => {
    const { resolutions, breaks } = t.reconciliation;
    return [
      {
        name: 'status',
        label: t.common.status,
        as: 'select',
        options: [
          ...RESOLUTION_STATES.map((value) => ({ value, label: resolutions.states[value] })),
          { value: EVERY_STATE, label: resolutions.allStates },
        ],
      },
      {
        name: 'automatic',
        label: resolutions.by,
        as: 'select',
        options: [
          { value: '', label: resolutions.everybody },
          { value: 'false', label: breaks.manual },
          { value: 'true', label: breaks.automatic },
        ],
      },
      { name: 'gateway_account', label: t.reconciliation.gatewayAccount, as: 'account' },
      { name: 'break', label: resolutions.break, as: 'text', placeholder: 'brk_…' },
    ];
  }, [t]);
}
