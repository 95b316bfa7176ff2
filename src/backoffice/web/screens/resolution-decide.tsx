import { Button, Text, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, given } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { useMay, useSession } from '../api/session.js';
import { announce } from '../blocks/announcements.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { resolutionsApprove, resolutionsReject, type ReconciliationResolution } from '../generated/index.js';
import { formatAmount } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';

type Decision = 'approve' | 'reject' | 'takeBack';

/** What the session can do about it: decide, or take back what it asked for itself. */
export function DecideResolution({ resolution }: { readonly resolution: ReconciliationResolution }) {
  const t = useWords();
  const { admin } = useSession();
  const mayApprove = useMay('reconciliation', 'authorise');
  const mayReject = useMay('reconciliation', 'manage');
  const [open, setOpen] = useState<Decision>();
  const { resolutions } = t.reconciliation;
  if (resolution.status !== 'proposed') return null;
  const isOwn = resolution.requested_by === admin.id;
  return (
    <>
      {!isOwn && mayApprove ? <Button onClick={() => setOpen('approve')}>{resolutions.approve}</Button> : null}
      {mayReject ? (
        <Button variant="default" onClick={() => setOpen(isOwn ? 'takeBack' : 'reject')}>
          {isOwn ? resolutions.takeBack : resolutions.reject}
        </Button>
      ) : null}
      {open === undefined ? null : (
        <DecisionDialog resolution={resolution} decision={open} onClose={() => setOpen(undefined)} />
      )}
    </>
  );
}

const MAX_REMARK = 1_000;

interface DecisionDialogProps {
  readonly resolution: ReconciliationResolution;
  readonly decision: Decision;
  readonly onClose: () => void;
}

function useDecisionWords({ booking }: ReconciliationResolution, decision: Decision) {
  const t = useWords();
  const language = useLanguage();
  const { resolutions, resolve } = t.reconciliation;
  const amount = booking === null ? '' : formatAmount(language, booking.amount, booking.currency);
  const account = booking === null ? '' : resolve.accounts[booking.account];
  const { approve, approveTitle, approveIntro, approved, reject, rejectTitle, rejectIntro, rejected } = resolutions;
  const words = {
    approve: { title: approveTitle, intro: approveIntro({ amount, account }), action: approve, done: approved },
    reject: { title: rejectTitle, intro: rejectIntro, action: reject, done: rejected },
    takeBack: {
      title: resolutions.takeBackTitle,
      intro: rejectIntro,
      action: resolutions.takeBack,
      done: resolutions.takenBack,
    },
  } as const;
  return words[decision];
}

function DecisionDialog({ resolution, decision, onClose }: DecisionDialogProps) {
  const t = useWords();
  const queries = useQueryClient();
  const [remark, setRemark] = useState('');
  const { title, intro, action, done } = useDecisionWords(resolution, decision);
  const decide = async (): Promise<void> => {
    const asked = { path: { id: resolution.id }, body: given({ remark: remark.trim() }) };
    await answerOf(decision === 'approve' ? resolutionsApprove(asked) : resolutionsReject(asked));
    announce(done);
    await Promise.all(
      ['resolution', 'resolutions', 'break', 'breaks'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    );
  };
  return (
    <FormDialog title={title} action={action} onClose={onClose} onSubmit={decide}>
      {(error) => (
        <>
          <Text size="sm">{intro}</Text>
          <Textarea
            data-autofocus
            label={t.reconciliation.resolutions.remark}
            description={t.reconciliation.resolutions.remarkHint}
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
