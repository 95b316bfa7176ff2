import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { useMay } from '../api/session.js';
import { Async } from '../blocks/async.js';
import { DataTable } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { Page } from '../blocks/page.js';
import { useFilters } from '../blocks/use-filters.js';
import { breaksBreaks, type BreaksBreaksData } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { useMode, type Mode } from '../shell/mode.js';
import { BreakFilters, BREAK_FILTERS } from './break-filters.js';
import { useBreakColumns } from './break-columns.js';
import { Selection } from './break-selection.js';
import { CURRENCIES } from '../i18n/format.js';
import { BREAK_KINDS, BREAK_OWNERS, BREAK_SIDES, EVERY_STATE, type Break } from './reconciliation-words.js';

type Values = Readonly<Partial<Record<(typeof BREAK_FILTERS)[number], string>>>;
type Query = NonNullable<BreaksBreaksData['query']>;

const minorOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** What the address asks for; what it says that cannot be is left out. Open ones, where it says nothing of that. */
function queryOf(mode: Mode, { status = 'open', ...values }: Values): Query {
  const { kind, side, owner, currency, amount_from: from, amount_to: to, ...others } = values;
  return {
    livemode: mode === 'live' ? 'true' : 'false',
    ...given({
      ...others,
      status: (['open', 'closed'] as const).find((each) => each === status),
      kind: BREAK_KINDS.find((each) => each === kind),
      side: BREAK_SIDES.find((each) => each === side),
      owner: BREAK_OWNERS.find((each) => each === owner),
      currency: CURRENCIES.find((each) => each === currency),
      amount_from: minorOf(from),
      amount_to: minorOf(to),
    }),
  };
}

/** Where our attempts, the gateways, the ledger and the bank differ: what waits for somebody. */
export function Breaks() {
  const t = useWords();
  const mode = useMode();
  const filters = useFilters(BREAK_FILTERS);
  const { values, after } = filters;
  const query = queryOf(mode, values);
  const breaks = useQuery({
    queryKey: ['breaks', query, after],
    queryFn: ({ signal }) =>
      answerOf(breaksBreaks({ query: { ...query, ...given({ starting_after: after }) }, signal })),
  });
  return (
    <Page
      title={t.screens.breaks}
      actions={
        <ExportCsv
          name="breaks"
          ask={(cursor) =>
            breaksBreaks({
              query: { ...query, format: 'csv', ...given({ starting_after: cursor }) },
              parseAs: 'text',
            })
          }
        />
      }
    >
      <BreakFilters filters={filters} />
      <Async query={breaks}>
        {({ data, has_more: hasMore }) => (
          // What was selected among other rows is not what is seen now.
          <Queue key={JSON.stringify([query, after])} rows={data} hasMore={hasMore} filters={filters} />
        )}
      </Async>
    </Page>
  );
}

interface QueueProps {
  readonly rows: readonly Break[];
  readonly hasMore: boolean;
  readonly filters: ReturnType<typeof useFilters<(typeof BREAK_FILTERS)[number]>>;
}

function Queue({ rows, hasMore, filters: { values, pages, isFiltered } }: QueueProps) {
  const t = useWords();
  const mayManage = useMay('reconciliation', 'manage');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const columns = useBreakColumns(mayManage ? { chosen, setChosen } : undefined);
  const isPlain = !isFiltered || (Object.keys(values).length === 1 && values.status === 'open');
  return (
    <>
      {mayManage ? <Selection rows={rows} chosen={chosen} onChoose={setChosen} /> : null}
      <DataTable
        label={t.screens.breaks}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        empty={
          isPlain
            ? { title: t.reconciliation.breaks.empty, hint: t.reconciliation.breaks.emptyHint }
            : {
                title: t.common.nothingMatches,
                hint: values.status === EVERY_STATE ? '' : t.reconciliation.breaks.openOnly,
              }
        }
        pages={pages(hasMore, rows.at(-1)?.id)}
      />
    </>
  );
}
