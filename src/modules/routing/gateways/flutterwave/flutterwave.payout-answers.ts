/** Reading Flutterwave's answers about transfers (PROVIDERS 2.6). */
import { z } from 'zod';
import type { Currency } from '../../../../kernel/money/money.js';
import { exponentOfReported, majorToMinor } from '../amounts.js';
import type { MoneyOutOutcome } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, codeFromText, notSent, unknown } from '../outcomes.js';
import { refusalOfPayout, saysShortOfFloat } from '../payout-texts.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { FLUTTERWAVE_TRANSFER_WAITING, isDuplicateTransfer, isTransferNotFound } from './flutterwave.codes.js';
import { readMoneyOut } from './flutterwave.envelope.js';

/** Far more than a page of transfers. */
const MAX_LISTED = 500;

const wireAmount = z.union([z.number(), z.string()]).optional().catch(undefined);

const transfer = z.object({
  id: looseId,
  reference: looseText,
  status: z.string().min(1).max(100),
  amount: wireAmount,
  fee: wireAmount,
  currency: looseText,
  complete_message: looseText,
});
type Transfer = z.infer<typeof transfer>;

/** Which call an answer belongs to: only a payout can be a duplicate, only a question can find nothing. */
export type TransferCall = 'payout' | 'status';

/** `reference`: the one that the answer has to have, where an id was asked for that may lead elsewhere. */
export function readTransfer(
  answer: HttpAnswer,
  call: TransferCall,
  asked: Currency,
  reference?: string,
): MoneyOutOutcome {
  return readMoneyOut(
    answer,
    (data) => {
      const parsed = transfer.safeParse(data);
      if (!parsed.success) return unknown('unparsable_answer');
      if (reference !== undefined && parsed.data.reference !== reference) return unknown('another_transfer');
      return transferOutcome(parsed.data, asked);
    },
    (message, status) => {
      if (call === 'status') {
        return (status === 400 || status === 404) && isTransferNotFound(message)
          ? { kind: 'not_found', code: 'transfer_not_found' }
          : undefined;
      }
      if (status !== 400 && status !== 409) return undefined;
      if (isDuplicateTransfer(message)) return { kind: 'duplicate', code: 'duplicate_reference' };
      // The text is from memory. It is a refusal of the whole request, so nothing moved and another gateway may pay.
      return status === 400 && saysShortOfFloat(message) ? notSent('insufficient_float', 'merchant') : undefined;
    },
  );
}

/**
 * The answer to a question by reference, which is a list. Only an empty one says that there is no such transfer: one with other
 * transfers in it was not filtered, and ours may stand on a page that was not given.
 */
export function readFoundTransfers(answer: HttpAnswer, reference: string, asked: Currency): MoneyOutOutcome {
  return readMoneyOut(
    answer,
    (data) => {
      const parsed = z.array(transfer).max(MAX_LISTED).safeParse(data);
      if (!parsed.success) return unknown('unparsable_answer');
      const ours = parsed.data.filter((one) => one.reference === reference);
      const [first] = ours;
      if (first !== undefined) return ours.length === 1 ? transferOutcome(first, asked) : unknown('ambiguous_payout');
      return parsed.data.length === 0
        ? { kind: 'not_found', code: 'transfer_not_found' }
        : unknown('transfers_not_filtered');
    },
    (message, status) =>
      (status === 400 || status === 404) && isTransferNotFound(message)
        ? { kind: 'not_found', code: 'transfer_not_found' }
        : undefined,
  );
}

function transferOutcome(data: Transfer, asked: Currency): MoneyOutOutcome {
  const { status, reference, currency } = data;
  const handles = handlesOf({ id: data.id });
  if (FLUTTERWAVE_TRANSFER_WAITING.has(status)) return { kind: 'pending', code: status, nextAction: null, handles };
  if (status === 'FAILED') {
    // `DISBURSE FAILED: ` is put before every reason and says nothing.
    const code = codeFromText(data.complete_message?.replace(/^\s*disburse failed:/i, ''), 'failed');
    return { kind: 'declined', code, ...refusalOfPayout(code), handles };
  }
  if (status !== 'SUCCESSFUL') return unknown(codeAsGiven(status, 'unlisted_status'));
  if (currency === undefined || reference === undefined || data.amount === undefined)
    return unknown('incomplete_success');
  const exponent = exponentOfReported(currency, asked);
  const amountMinor = majorToMinor(data.amount, exponent, 'down');
  if (amountMinor === undefined) return unknown('incomplete_success');
  const feeMinor = data.fee === undefined ? null : (majorToMinor(data.fee, exponent, 'up') ?? null);
  return { kind: 'succeeded', amountMinor, currency, reference, feeMinor, code: status, handles };
}
