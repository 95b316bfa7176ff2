import { Alert, Code } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { isProblem } from '../api/problem.js';
import { useSession } from '../api/session.js';
import { Async } from '../blocks/async.js';
import { Facts } from '../blocks/facts.js';
import { Id } from '../blocks/id.js';
import { IdLink } from '../blocks/id-link.js';
import { Page, Section } from '../blocks/page.js';
import { SecretDialog } from '../blocks/secret-dialog.js';
import { Time } from '../blocks/time.js';
import { approvalsRead, type Approval } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';
import { Decide } from './approval-decide.js';
import { ApprovalPayload } from './approval-payload.js';
import { ApprovalState, useKindName } from './approval-words.js';

/** What a module was asked reaches whoever decides as an event does: who follows the notice may be there first. */
const ARRIVES_WITHIN = { tries: 10, everyMs: 500 };
/** It is carried out at once, or the module that does it is away: then looking on changes nothing. */
const CARRIED_OUT_WITHIN = { tries: 120, everyMs: 1_000 };

function useApproval(id: string) {
  return useQuery({
    queryKey: ['approval', id],
    queryFn: ({ signal }) => answerOf(approvalsRead({ path: { id }, signal })),
    retry: (count, error) => count < ARRIVES_WITHIN.tries && isProblem(error, 'approval.not_found'),
    retryDelay: ARRIVES_WITHIN.everyMs,
    refetchInterval: ({ state }) =>
      state.data?.state === 'approved' && state.dataUpdateCount < CARRIED_OUT_WITHIN.tries
        ? CARRIED_OUT_WITHIN.everyMs
        : false,
  });
}

/** One thing that takes two people: all of it, for whoever decides. */
export function ApprovalDetail() {
  const t = useWords();
  const nameOf = useKindName();
  const { id = '' }: { readonly id?: string } = useParams({ strict: false });
  const [link, setLink] = useState<string>();
  const approval = useApproval(id);
  return (
    <Page
      title={approval.data === undefined ? t.screens.approval : nameOf(approval.data.kind)}
      actions={
        approval.data === undefined ? undefined : (
          <Decide approval={approval.data} onShown={(shown) => setLink(shown['accept_url'])} />
        )
      }
    >
      <Async query={approval}>{(found) => <Found approval={found} />}</Async>
      <SecretDialog
        title={t.approvals.linkTitle}
        intro={t.approvals.linkIntro}
        secret={link}
        onDone={() => setLink(undefined)}
      />
    </Page>
  );
}

function Found({ approval }: { readonly approval: Approval }) {
  const t = useWords();
  const { admin } = useSession();
  const { failure } = approval;
  const decision = useDecision(approval);
  return (
    <>
      {approval.state === 'pending' && approval.asked_by === admin.id ? <Alert>{t.approvals.own}</Alert> : null}
      {failure === null ? null : (
        <Alert color="red" role="alert" title={t.approvals.failure}>
          <Code>{failure.code}</Code> {failure.detail}
        </Alert>
      )}
      <Section title={t.approvals.willBeDone}>
        <ApprovalPayload approval={approval} />
      </Section>
      <Section title={t.common.details}>
        <Facts
          facts={[
            [t.common.status, <ApprovalState key="state" state={approval.state} />],
            [t.approvals.reason, approval.reason ?? t.common.none],
            [t.approvals.askedBy, <IdLink key="by">{approval.asked_by}</IdLink>],
            [t.approvals.askedAt, <Time key="asked" at={approval.asked_at} />],
            [t.approvals.expires, <Time key="expires" at={approval.expires_at} />],
            [t.approvals.subject, <IdLink key="subject">{approval.subject}</IdLink>],
            [t.common.id, <Id key="id">{approval.id}</Id>],
            [t.approvals.hash, <Id key="hash">{approval.payload_sha256}</Id>],
            ...decision,
          ]}
        />
      </Section>
    </>
  );
}

function useDecision(approval: Approval) {
  const t = useWords();
  if (approval.decided_by === null) return [];
  return [
    [t.approvals.decidedBy, <IdLink key="decider">{approval.decided_by}</IdLink>],
    [t.approvals.decidedAt, <Time key="decided" at={approval.decided_at} />],
    [t.approvals.remark, approval.remark ?? t.common.none],
    [t.approvals.carriedOut, <Time key="done" at={approval.carried_out_at} />],
  ] as const;
}
