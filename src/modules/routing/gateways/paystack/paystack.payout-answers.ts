/** Reading Paystack's answers about receivers and transfers (PROVIDERS 1.6, 1.10). */
import { z } from 'zod';
import type { Currency } from '../../../../kernel/money/money.js';
import { exponentOfReported } from '../amounts.js';
import type { MoneyOutOutcome } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, codeFromText, notSent, parseJson, unknown } from '../outcomes.js';
import { saysShortOfFloat } from '../payout-texts.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { fromSubunits, subunits } from './paystack.amounts.js';
import {
  isDuplicateTransfer,
  isTransferNotFound,
  PAYSTACK_TRANSFER_REFUSALS,
  PAYSTACK_TRANSFER_WAITING,
} from './paystack.codes.js';
import { envelope, readMoneyOut } from './paystack.envelope.js';

const transfer = z.object({
  id: looseId,
  transfer_code: looseText,
  reference: looseText,
  status: z.string().min(1).max(100),
  amount: subunits.optional().catch(undefined),
  currency: looseText,
});
const recipient = z.object({ recipient_code: z.string().min(1).max(100) });

export type Recipient =
  | { readonly kind: 'recipient'; readonly code: string }
  | { readonly kind: 'outcome'; readonly outcome: MoneyOutOutcome };

/** The code of the registered receiver, or why there is none; the code of the outcome says that it was this step. */
export function readRecipient(answer: HttpAnswer): Recipient {
  const parsed = envelope.safeParse(parseJson(answer.body));
  const isRegistered = parsed.success && parsed.data.status && answer.status >= 200 && answer.status < 300;
  const found = isRegistered ? recipient.safeParse(parsed.data.data) : undefined;
  if (found?.success === true) return { kind: 'recipient', code: found.data.recipient_code };
  const isRefused = parsed.success && !parsed.data.status && answer.status >= 400 && answer.status < 500;
  const said = parsed.success && !parsed.data.status ? (parsed.data.code ?? parsed.data.message) : undefined;
  const code = codeFromText(`recipient_${said ?? `http_${answer.status}`}`, 'recipient');
  return { kind: 'outcome', outcome: notSent(code, isRefused && answer.status !== 429 ? 'merchant' : 'gateway') };
}

/** Which call an answer belongs to: only a payout can be a duplicate, only a question can find nothing. */
export type TransferCall = 'payout' | 'status';

export function readTransfer(answer: HttpAnswer, call: TransferCall, asked: Currency): MoneyOutOutcome {
  return readMoneyOut(
    answer,
    (data) => {
      const parsed = transfer.safeParse(data);
      return parsed.success ? transferOutcome(parsed.data, asked) : unknown('unparsable_answer');
    },
    ({ code, message }, status) => {
      if (status !== 400 && status !== 404) return undefined;
      if (call === 'status') {
        return isTransferNotFound(code, message) ? { kind: 'not_found', code: 'transfer_not_found' } : undefined;
      }
      if (isDuplicateTransfer(code, message)) return { kind: 'duplicate', code: 'duplicate_reference' };
      // The text is from memory. It is a refusal of the whole request, so nothing moved and another gateway may pay.
      return saysShortOfFloat(message) ? notSent('insufficient_float', 'merchant') : undefined;
    },
  );
}

function transferOutcome(data: z.infer<typeof transfer>, asked: Currency): MoneyOutOutcome {
  const { status, amount, currency, reference } = data;
  const handles = handlesOf({ id: data.id, transfer_code: data.transfer_code });
  if (PAYSTACK_TRANSFER_WAITING.has(status)) return { kind: 'pending', code: status, nextAction: null, handles };
  // The bank sent it back after it had left; our balance has it again.
  if (status === 'reversed') return { kind: 'returned', code: status, handles };
  const refusal = PAYSTACK_TRANSFER_REFUSALS.get(status);
  if (refusal !== undefined) return { kind: 'declined', code: status, ...refusal, handles };
  if (status !== 'success') return unknown(codeAsGiven(status, 'unlisted_status'));
  if (amount === undefined || currency === undefined || reference === undefined) return unknown('incomplete_success');
  const amountMinor = fromSubunits(amount, exponentOfReported(currency, asked), 'down');
  if (amountMinor === undefined) return unknown('incomplete_success');
  // The fee is taken from the balance apart; no documented field of a transfer names it.
  return { kind: 'succeeded', amountMinor, currency, reference, feeMinor: null, code: status, handles };
}
