import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { Amount } from '../blocks/amount.js';
import type { Column } from '../blocks/data-table.js';
import { IdLink } from '../blocks/id-link.js';
import { LinkAnchor } from '../blocks/link.js';
import { Time } from '../blocks/time.js';
import type { ReconciliationResolution } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { MadeBy, ResolutionState } from './reconciliation-words.js';

/** As they are listed, also below the break that they are about. */
export function useResolutionColumns(): readonly Column<ReconciliationResolution>[] {
  const t = useWords();
  return useMemo(() => {
    const { resolutions, resolve, breaks } = t.reconciliation;
    return [
      {
        id: 'action',
        header: resolutions.action,
        cell: ({ id, action }) => <LinkAnchor to={`/resolutions/${id}`}>{resolve.actions[action]}</LinkAnchor>,
      },
      {
        id: 'amount',
        header: resolutions.amount,
        align: 'right',
        cell: ({ booking }) =>
          booking === null ? (
            t.common.none
          ) : (
            <Stack gap={0}>
              <Amount minor={booking.amount} currency={booking.currency} />
              <Text size="xs">{resolve.accounts[booking.account]}</Text>
            </Stack>
          ),
      },
      { id: 'state', header: t.common.status, cell: ({ status }) => <ResolutionState status={status} /> },
      { id: 'by', header: resolutions.by, cell: ({ automatic }) => <MadeBy automatic={automatic} /> },
      {
        id: 'reason',
        header: resolutions.reason,
        cell: ({ remark }) => (
          <Text size="sm" className="wraps">
            {remark}
          </Text>
        ),
      },
      {
        id: 'asker',
        header: resolutions.askedBy,
        cell: ({ requested_by: by }) => (by === null ? breaks.automatic : <IdLink>{by}</IdLink>),
      },
      { id: 'asked', header: resolutions.askedAt, cell: (resolution) => <Time at={resolution.created_at} /> },
    ];
  }, [t]);
}
