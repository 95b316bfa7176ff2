import { Group, NativeSelect } from '@mantine/core';
import { useMemo } from 'react';
import { given } from '../api/client.js';
import { csvAfter } from '../api/csv.js';
import { AREAS, may, type AdminArea } from '../api/permissions.js';
import { useSession } from '../api/session.js';
import type { Column } from '../blocks/data-table.js';
import { ExportCsv } from '../blocks/export-csv.js';
import { IdLink } from '../blocks/id-link.js';
import { ListedPage } from '../blocks/listed-page.js';
import { LinkAnchor } from '../blocks/link.js';
import { Page } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { useFilters } from '../blocks/use-filters.js';
import { approvalsList, type Approval } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { ApprovalState, useKindName } from './approval-words.js';

const FILTERS = ['state', 'area'] as const;
const STATES = ['pending', 'approved', 'done', 'failed', 'rejected', 'withdrawn', 'expired'] as const;
/** In the address; what waits is shown where it says nothing. */
const EVERY_STATE = 'all';

const isState = (text: string | undefined): text is Approval['state'] => STATES.some((state) => state === text);
const isArea = (text: string | undefined): text is AdminArea => AREAS.some((area) => area === text);

/** What one person asked for and another decides. */
export function Approvals() {
  const t = useWords();
  const session = useSession();
  const filters = useFilters(FILTERS);
  const { values, set } = filters;
  const { state: wanted = 'pending' } = values;
  const state = isState(wanted) ? wanted : undefined;
  const area = isArea(values.area) ? values.area : undefined;
  const columns = useApprovalColumns();
  return (
    <Page
      title={t.screens.approvals}
      actions={
        <ExportCsv
          name="approvals"
          ask={(cursor) =>
            approvalsList({ query: { ...given({ state, area }), ...csvAfter(cursor) }, parseAs: 'text' })
          }
        />
      }
    >
      <Group gap="sm">
        <NativeSelect
          label={t.common.status}
          value={state ?? EVERY_STATE}
          onChange={(event) => set({ state: event.currentTarget.value })}
          data={[
            ...STATES.map((value) => ({ value: value as string, label: t.approvals.states[value] })),
            { value: EVERY_STATE, label: t.approvals.allStates },
          ]}
        />
        <NativeSelect
          label={t.approvals.area}
          value={area ?? ''}
          onChange={(event) => set({ area: event.currentTarget.value })}
          data={[
            { value: '', label: t.approvals.allAreas },
            ...AREAS.filter((each) => may(session, each, 'read')).map((value) => ({ value, label: t.areas[value] })),
          ]}
        />
      </Group>
      <ListedPage
        label={t.screens.approvals}
        filters={filters}
        columns={columns}
        queryKey={['approvals', state, area]}
        ask={(after, signal) => approvalsList({ query: given({ state, area, starting_after: after }), signal })}
        empty={{ title: t.approvals.empty, hint: t.approvals.emptyHint }}
        isFiltered={state !== 'pending' || area !== undefined}
      />
    </Page>
  );
}

function useApprovalColumns(): readonly Column<Approval>[] {
  const t = useWords();
  const nameOf = useKindName();
  return useMemo(
    () => [
      {
        id: 'kind',
        header: t.approvals.kind,
        cell: ({ id, kind }) => <LinkAnchor to={`/approvals/${id}`}>{nameOf(kind)}</LinkAnchor>,
      },
      { id: 'subject', header: t.approvals.subject, cell: ({ subject }) => <IdLink>{subject}</IdLink> },
      {
        id: 'state',
        header: t.common.status,
        cell: ({ state }) => <ApprovalState state={state} />,
      },
      { id: 'by', header: t.approvals.askedBy, cell: ({ asked_by: by }) => <IdLink>{by}</IdLink> },
      { id: 'asked', header: t.approvals.askedAt, cell: (approval) => <Time at={approval.asked_at} /> },
      { id: 'expires', header: t.approvals.expires, cell: (approval) => <Time at={approval.expires_at} /> },
    ],
    [t, nameOf],
  );
}
