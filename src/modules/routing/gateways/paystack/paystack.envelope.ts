/** What all of Paystack's answers have around their data (PROVIDERS 1.2, 1.13), and what it proves about money that was to go out. */
import { z } from 'zod';
import type { MoneyOutOutcome } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { codeFromText, fromHttpError, parseJson, unknown } from '../outcomes.js';
import { looseText } from '../webhook-hints.js';

export const envelope = z.object({
  /** Whether the call worked; it says nothing about the money. */
  status: z.boolean(),
  message: looseText,
  type: looseText,
  code: looseText,
  data: z.unknown().optional(),
  meta: z.unknown().optional(),
});
export type Envelope = z.infer<typeof envelope>;

/** A refusal may come with the object that it is about, which then says more than the refusal. */
const withStatus = z.object({ status: z.string() });

/**
 * Reads an answer about a refund or a transfer. `read` takes the data of a call that worked; `explain` knows what certain refusals
 * mean. Any other refusal is believed only when it is Paystack's own and names no object that exists after all.
 */
export function readMoneyOut(
  answer: HttpAnswer,
  read: (data: unknown) => MoneyOutOutcome,
  explain: (refusal: Envelope, status: number) => MoneyOutOutcome | undefined,
): MoneyOutOutcome {
  const parsed = envelope.safeParse(parseJson(answer.body));
  if (!parsed.success) return fromHttpError(answer.status, false, 'unparsable_answer');
  const { status: worked, message, type, code, data } = parsed.data;
  if (answer.status >= 200 && answer.status < 300) {
    return worked ? read(data) : unknown(codeFromText(code ?? message, 'refused_with_2xx'));
  }
  if (!worked && answer.status >= 400 && answer.status < 500) {
    const explained = explain(parsed.data, answer.status);
    if (explained !== undefined) return explained;
    // Whoever is behind Paystack failed at a request that was fine: it may have acted before failing.
    if (type === 'processor_error') return unknown('processor_error');
    if (withStatus.safeParse(data).success) return unknown('contradictory_answer');
  }
  return fromHttpError(answer.status, !worked, codeFromText(code ?? message, `http_${answer.status}`));
}
