import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerOf, given } from '../api/client.js';
import { Async } from '../blocks/async.js';
import { DataTable } from '../blocks/data-table.js';
import { Page } from '../blocks/page.js';
import { useFilters } from '../blocks/use-filters.js';
import { resolutionsList } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode } from '../shell/mode.js';
import { ListFilters, type FilterField } from './reconciliation-filters.js';
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
  const { values, after, pages } = filters;
  const { status: wanted = 'proposed', automatic, ...others } = values;
  const query = given({
    livemode: mode === 'live' ? ('true' as const) : ('false' as const),
    ...others,
    status: RESOLUTION_STATES.find((each) => each === wanted),
    automatic: (['true', 'false'] as const).find((each) => each === automatic),
  });
  const resolutions = useQuery({
    queryKey: ['resolutions', query, after],
    queryFn: ({ signal }) =>
      answerOf(resolutionsList({ query: { ...query, ...given({ starting_after: after }) }, signal })),
  });
  const columns = useResolutionColumns();
  const fields = useResolutionFields();
  const isPlain = wanted === 'proposed' && Object.keys(query).length === 2;
  return (
    <Page title={t.screens.resolutions}>
      <ListFilters filters={filters} fields={fields} initial={WAITING_FIRST} />
      <Async query={resolutions}>
        {({ data, has_more: hasMore }) => (
          <DataTable
            label={t.screens.resolutions}
            columns={columns}
            rows={data}
            rowKey={({ id }) => id}
            empty={
              isPlain
                ? { title: t.reconciliation.resolutions.empty, hint: t.reconciliation.resolutions.emptyHint }
                : { title: t.common.nothingMatches, hint: '' }
            }
            pages={pages(hasMore, data.at(-1)?.id)}
          />
        )}
      </Async>
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
