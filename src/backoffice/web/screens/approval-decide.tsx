import { Button, Text, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { may, type AdminArea } from '../api/permissions.js';
import { fieldErrorOf } from '../api/problem.js';
import { useSession } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { approvalsApprove, approvalsReject, approvalsWithdraw, type Approval } from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

type Decision = 'approve' | 'reject' | 'withdraw';
type ShownOnce = Readonly<Record<string, string>>;

interface DecideProps {
  readonly approval: Approval;
  readonly onShown: (shown: ShownOnce) => void;
}

/** What the session can do about it: decide, or take back what it asked for itself. */
export function Decide({ approval, onShown }: DecideProps) {
  const t = useWords();
  const session = useSession();
  const [open, setOpen] = useState<Decision>();
  if (approval.state !== 'pending') return null;
  const isOwn = approval.asked_by === session.admin.id;
  const mayDecide = !isOwn && may(session, approval.area as AdminArea, 'authorise');
  return (
    <>
      {mayDecide ? <Button onClick={() => setOpen('approve')}>{t.approvals.approve}</Button> : null}
      {mayDecide ? (
        <Button variant="default" onClick={() => setOpen('reject')}>
          {t.approvals.reject}
        </Button>
      ) : null}
      {isOwn ? (
        <Button variant="default" onClick={() => setOpen('withdraw')}>
          {t.approvals.withdraw}
        </Button>
      ) : null}
      {open === undefined ? null : (
        <DecisionDialog id={approval.id} decision={open} onShown={onShown} onClose={() => setOpen(undefined)} />
      )}
    </>
  );
}

const MAX_REMARK = 1_000;

interface DecisionDialogProps {
  readonly id: string;
  readonly decision: Decision;
  readonly onShown: (shown: ShownOnce) => void;
  readonly onClose: () => void;
}

function DecisionDialog({ id, decision, onShown, onClose }: DecisionDialogProps) {
  const t = useWords();
  const queries = useQueryClient();
  const [remark, setRemark] = useState('');
  const words = {
    approve: [t.approvals.approveTitle, t.approvals.approveIntro, t.approvals.approve, t.approvals.approved],
    reject: [t.approvals.rejectTitle, t.approvals.rejectIntro, t.approvals.reject, t.approvals.rejected],
    withdraw: [t.approvals.withdrawTitle, t.approvals.withdrawIntro, t.approvals.withdraw, t.approvals.withdrawn],
  } as const satisfies Readonly<Record<Decision, readonly string[]>>;
  const [title, intro, action, done] = words[decision];
  const decide = async (): Promise<void> => {
    const asked = { path: { id }, body: given({ remark: remark.trim() }) };
    if (decision === 'approve') {
      const { shown_once: shown } = await answerOf(approvalsApprove(asked));
      if (shown !== undefined) onShown(shown);
    } else await (decision === 'reject' ? approvalsReject(asked) : approvalsWithdraw(asked));
    announce(done);
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['approval', id] }),
      queries.invalidateQueries({ queryKey: ['approvals'] }),
    ]);
  };
  return (
    <FormDialog title={title} action={action} onClose={onClose} onSubmit={decide}>
      {(error) => (
        <>
          <Text size="sm">{intro}</Text>
          <Textarea
            data-autofocus
            label={t.approvals.remark}
            description={t.approvals.remarkHint}
            autosize
            minRows={2}
            maxLength={MAX_REMARK}
            value={remark}
            error={fieldErrorOf(error, '/remark')}
            onChange={(event) => setRemark(event.currentTarget.value)}
          />
        </>
      )}
    </FormDialog>
  );
}
