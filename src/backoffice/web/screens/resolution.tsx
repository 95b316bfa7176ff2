import { Alert, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { answerOf } from '../api/client.js';
import { useSession } from '../api/session.js';
import { Amount } from '../blocks/amount.js';
import { Async } from '../blocks/async.js';
import { ModeBadge } from '../blocks/badges.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Page, Section } from '../blocks/page.js';
import { Time } from '../blocks/time.js';
import { resolutionsOne, type ReconciliationResolution } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { MadeBy, ResolutionState } from './reconciliation-words.js';
import { DecideResolution } from './resolution-decide.js';

/** The ledger books it at once, or is away: then looking on changes nothing. */
const BOOKED_WITHIN = { tries: 120, everyMs: 1_000 };

/** One decision about a break: all of it, for whoever decides. */
export function ResolutionDetail() {
  const t = useWords();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const resolution = useQuery({
    queryKey: ['resolution', id],
    queryFn: ({ signal }) => answerOf(resolutionsOne({ path: { id }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.status === 'approved' && state.dataUpdateCount < BOOKED_WITHIN.tries ? BOOKED_WITHIN.everyMs : false,
  });
  return (
    <Page
      title={
        resolution.data === undefined ? t.screens.resolution : t.reconciliation.resolve.actions[resolution.data.action]
      }
      actions={resolution.data === undefined ? undefined : <DecideResolution resolution={resolution.data} />}
    >
      <Async query={resolution}>{(found) => <Found resolution={found} />}</Async>
    </Page>
  );
}

function Found({ resolution }: { readonly resolution: ReconciliationResolution }) {
  const t = useWords();
  const { admin } = useSession();
  const { resolutions, breaks } = t.reconciliation;
  const { booking } = resolution;
  return (
    <>
      {resolution.status === 'proposed' && resolution.requested_by === admin.id ? (
        <Alert>{resolutions.own}</Alert>
      ) : null}
      <Section title={resolutions.booking}>
        {booking === null ? (
          <Text size="sm">{resolutions.noMoney}</Text>
        ) : (
          <Facts
            facts={[
              [resolutions.amount, <Amount key="amount" minor={booking.amount} currency={booking.currency} />],
              [resolutions.clearing, booking.side === 'debit' ? breaks.debit : breaks.credit],
              [resolutions.account, t.reconciliation.resolve.accounts[booking.account]],
              [
                resolutions.transfer,
                booking.transfer === null ? t.common.none : <IdLink key="transfer">{booking.transfer}</IdLink>,
              ],
              [resolutions.booked, <Time key="booked" at={resolution.booked_at} />],
            ]}
          />
        )}
      </Section>
      <Section title={t.common.details}>
        <Facts
          facts={[
            [t.common.status, <ResolutionState key="state" status={resolution.status} />],
            [resolutions.by, <MadeBy key="by" automatic={resolution.automatic} />],
            [resolutions.break, <IdLink key="break">{resolution.break}</IdLink>],
            [t.reconciliation.gatewayAccount, <IdLink key="account">{resolution.gateway_account}</IdLink>],
            [t.reconciliation.mode, <ModeBadge key="mode" livemode={resolution.livemode} />],
            [resolutions.reason, resolution.remark],
            [
              resolutions.askedBy,
              resolution.requested_by === null ? (
                breaks.automatic
              ) : (
                <IdLink key="asker">{resolution.requested_by}</IdLink>
              ),
            ],
            [resolutions.askedAt, <Time key="asked" at={resolution.created_at} />],
            [resolutions.expires, <Time key="expires" at={resolution.expires_at} />],
            [
              resolutions.decidedBy,
              resolution.decided_by === null ? t.common.none : <IdLink key="decider">{resolution.decided_by}</IdLink>,
            ],
            [resolutions.decidedAt, <Time key="decided" at={resolution.decided_at} />],
            [resolutions.remark, resolution.decision_remark ?? t.common.none],
            [t.common.id, <Id key="id">{resolution.id}</Id>],
          ]}
        />
      </Section>
    </>
  );
}
