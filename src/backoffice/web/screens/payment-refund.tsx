import { Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answerOf } from '../api/client.js';
import { fieldErrorOf } from '../api/problem.js';
import { announceAsked } from '../blocks/announcements.js';
import { FormDialog } from '../blocks/form-dialog.js';
import { adminPaymentsAskRefund } from '../generated/index.js';
import { formatAmount, readAmount, writtenAmount } from '../i18n/format.js';
import { useLanguage, useWords } from '../i18n/i18n.js';
import type { PaymentFound } from './payment-words.js';

const MAX_REASON = 200;

interface AskRefundProps {
  readonly payment: PaymentFound;
  /** Minor units: no more can be given back. */
  readonly left: number;
  readonly onClose: () => void;
}

/** Asked for by one person; another approves it. */
export function AskRefund({ payment: { id, currency }, left, onClose }: AskRefundProps) {
  const t = useWords();
  const language = useLanguage();
  const [amount, setAmount] = useState(() => writtenAmount(left, currency));
  const [reason, setReason] = useState('');
  const minor = readAmount(amount, currency);
  const ask = async (): Promise<void> => {
    if (minor === undefined) throw new Error(t.payments.notAnAmount);
    const asked = await answerOf(adminPaymentsAskRefund({ path: { id }, body: { amount: minor, reason } }));
    announceAsked(t.common.asked, asked.id);
  };
  return (
    <FormDialog title={t.payments.refundTitle} action={t.payments.refund} onClose={onClose} onSubmit={ask}>
      {(error) => (
        <>
          <Text size="sm">
            {t.payments.refundLeft({ amount: formatAmount(language, left, currency) })} {t.common.needsAnother}
          </Text>
          <TextInput
            data-autofocus
            label={t.payments.refundAmount({ currency })}
            required
            inputMode="decimal"
            value={amount}
            error={minor === undefined && amount !== '' ? t.payments.notAnAmount : fieldErrorOf(error, '/amount')}
            onChange={(event) => setAmount(event.currentTarget.value)}
          />
          <Textarea
            label={t.payments.refundReason}
            description={t.payments.refundReasonHint}
            required
            autosize
            minRows={2}
            maxLength={MAX_REASON}
            value={reason}
            error={fieldErrorOf(error, '/reason')}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </>
      )}
    </FormDialog>
  );
}
