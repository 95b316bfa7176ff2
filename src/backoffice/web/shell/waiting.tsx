import { Badge, VisuallyHidden } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { answerOf } from '../api/client.js';
import { AREAS, may, type AdminArea } from '../api/permissions.js';
import { useSession } from '../api/session.js';
import { approvalsList } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

/** As many as a page holds; where there are more, the count says so. */
const MOST = 100;

/** How many approvals wait for this person. Asked for anew with every screen, and when something happened. */
export function Waiting() {
  const t = useWords();
  const session = useSession();
  const { pathname } = useLocation();
  const pending = useQuery({
    queryKey: ['approvals', 'waiting', pathname],
    queryFn: ({ signal }) => answerOf(approvalsList({ query: { state: 'pending', limit: MOST }, signal })),
    enabled: AREAS.some((area) => may(session, area, 'authorise')),
    placeholderData: keepPreviousData,
  });
  const { data = [], has_more: hasMore = false } = pending.data ?? {};
  const mine = data.filter(
    ({ area, asked_by: by }) => by !== session.admin.id && may(session, area as AdminArea, 'authorise'),
  );
  if (mine.length === 0) return null;
  return (
    <Badge variant="outline" className="state state-waiting" tt="none">
      <span aria-hidden="true">{hasMore ? `${mine.length}+` : mine.length}</span>
      <VisuallyHidden>{t.approvals.waiting({ count: mine.length })}</VisuallyHidden>
    </Badge>
  );
}
