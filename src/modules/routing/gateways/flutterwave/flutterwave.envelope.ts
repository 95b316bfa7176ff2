/** What all of Flutterwave v3's answers have around their data (PROVIDERS 2.2, 2.13), and what it proves about money that was to go out. */
import { z } from 'zod';
import type { MoneyOutOutcome } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { codeFromText, fromHttpError, parseJson, unknown } from '../outcomes.js';
import { looseId, looseText } from '../webhook-hints.js';

const authorization = z.object({
  mode: looseText,
  redirect: looseText,
  redirect_url: looseText,
  note: looseText,
  transfer_reference: looseText,
  transfer_account: looseId,
  transfer_bank: looseText,
  account_expiration: z
    .union([z.string().max(64), z.number()])
    .optional()
    .catch(undefined),
  validate_instructions: looseText,
});
export type Authorization = z.infer<typeof authorization>;

export const meta = z
  .object({ authorization: authorization.optional().catch(undefined) })
  .optional()
  .catch(undefined);

export const envelope = z.object({
  /** Whether the call worked; it says nothing about the money. */
  status: z.enum(['success', 'error']),
  message: looseText,
  data: z.unknown().optional(),
  meta,
});
export type Envelope = z.infer<typeof envelope>;

/** Where a list says that it is long. */
const pageInfo = z.object({
  meta: z.object({
    page_info: z.object({ current_page: z.coerce.number().int(), total_pages: z.coerce.number().int() }),
  }),
});

/** A refusal may come with the object that it is about, which then says more than the refusal. */
const withStatus = z.object({ status: z.string() });

/**
 * Reads an answer about a refund or a transfer. `read` takes the data of a call that worked; `explain` knows what certain refusals
 * mean. Any other refusal is believed only when it is Flutterwave's own and names no object that exists after all.
 */
export function readMoneyOut(
  answer: HttpAnswer,
  read: (data: unknown) => MoneyOutOutcome,
  explain: (message: string | undefined, status: number) => MoneyOutOutcome | undefined,
): MoneyOutOutcome {
  const parsed = envelope.safeParse(parseJson(answer.body));
  if (!parsed.success) return fromHttpError(answer.status, false, 'unparsable_answer');
  const { status, message, data } = parsed.data;
  if (answer.status >= 200 && answer.status < 300) {
    return status === 'success' ? read(data) : unknown(codeFromText(message, 'refused_with_2xx'));
  }
  if (status === 'error' && answer.status >= 400 && answer.status < 500) {
    const explained = explain(message, answer.status);
    if (explained !== undefined) return explained;
    if (withStatus.safeParse(data).success) return unknown('contradictory_answer');
  }
  return fromHttpError(answer.status, status === 'error', codeFromText(message, `http_${answer.status}`));
}

/** The number of the page that follows, null when this was the last; undefined when the answer does not say. */
export function nextPage(json: unknown): number | null | undefined {
  const parsed = pageInfo.safeParse(json);
  if (!parsed.success) return undefined;
  const { current_page: page, total_pages: pages } = parsed.data.meta.page_info;
  return page < pages ? page + 1 : null;
}
