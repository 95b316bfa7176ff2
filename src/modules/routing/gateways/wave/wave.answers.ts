/** Reading Wave's checkout sessions (PROVIDERS 8.3, 8.4, 8.10). */
import { z } from 'zod';
import type { NextAction } from '../../../../contracts/shared.js';
import type { Currency } from '../../../../kernel/money/money.js';
import { exponentOfReported, majorToMinor } from '../amounts.js';
import type { GatewayOutcome } from '../gateway-adapter.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, parseJson, unknown, UNLISTED_REFUSAL } from '../outcomes.js';
import { handlesOf, looseText } from '../webhook-hints.js';
import { errorCodeOf, fromWaveError } from './wave.calls.js';
import { WAVE_NO_SESSION, WAVE_PAID_TWICE, WAVE_REFUSALS } from './wave.codes.js';

/** Ids go into paths. */
export const waveId = z.string().regex(/^[\w-]{1,64}$/);

const session = z.object({
  id: waveId,
  checkout_status: z.string().max(64),
  payment_status: z.string().max(64),
  client_reference: looseText,
  amount: z
    .union([z.string().max(40), z.number()])
    .optional()
    .catch(undefined),
  currency: looseText,
  transaction_id: looseText,
  wave_launch_url: looseText,
  when_completed: looseText,
  when_created: looseText,
  last_payment_error: z.object({ code: z.string() }).optional().catch(undefined),
});
export type WaveSession = z.infer<typeof session>;

/** Far more sessions than one reference ever has. */
const MAX_SESSIONS = 100;
const sessions = z.object({ result: z.array(session).max(MAX_SESSIONS) });

/** The session in an answer to a creation or to a question by its id. */
export function readSession(answer: HttpAnswer, asked: Currency): GatewayOutcome {
  if (answer.status !== 200 && answer.status !== 201) return fromWaveError(answer);
  const parsed = session.safeParse(parseJson(answer.body));
  return parsed.success ? outcomeOf(parsed.data, asked) : unknown('unparsable_answer');
}

/** As `readSession`, for a question by a session's id. */
export function readSessionById(answer: HttpAnswer, asked: Currency): GatewayOutcome {
  if (answer.status === 404 && errorCodeOf(answer) === WAVE_NO_SESSION)
    return { kind: 'not_found', code: WAVE_NO_SESSION };
  return readSession(answer, asked);
}

/** Under which reference of ours a session was made: an id may lead to another one. */
export function referenceIn(answer: HttpAnswer): string | undefined {
  const parsed = session.safeParse(parseJson(answer.body));
  return parsed.success ? parsed.data.client_reference : undefined;
}

/**
 * The sessions of one reference, of which there may be several: Wave lets two have the same. Money counts before everything:
 * if one was paid, that is the answer, and if several were, it is the one paid first, the same each time, with a code that says so.
 * After that comes whatever can still be paid.
 */
export function readSessions(answer: HttpAnswer, reference: string, asked: Currency): GatewayOutcome {
  if (answer.status !== 200) {
    return answer.status === 404 && errorCodeOf(answer) === WAVE_NO_SESSION
      ? { kind: 'not_found', code: WAVE_NO_SESSION }
      : fromWaveError(answer);
  }
  const ours = sessionsOf(answer, reference);
  if (ours === undefined) return unknown('unparsable_answer');
  const outcomes = ours.map((each) => outcomeOf(each, asked));
  const succeeded = outcomes.filter((each) => each.kind === 'succeeded');
  const [first, second] = succeeded;
  if (first !== undefined) return second === undefined ? first : { ...first, code: WAVE_PAID_TWICE };
  // One that we do not understand may be money as well.
  return (
    outcomes.find((each) => each.kind === 'unknown') ??
    outcomes.find((each) => each.kind === 'pending') ??
    outcomes[0] ?? { kind: 'not_found', code: WAVE_NO_SESSION }
  );
}

/** The session that was paid under a reference; of several the one that `readSessions` reports. */
export function paidSessionIn(answer: HttpAnswer, reference: string): WaveSession | undefined {
  return answer.status === 200 ? sessionsOf(answer, reference)?.find(isPaid) : undefined;
}

function sessionsOf(answer: HttpAnswer, reference: string): WaveSession[] | undefined {
  const parsed = sessions.safeParse(parseJson(answer.body));
  if (!parsed.success) return undefined;
  return parsed.data.result.filter((each) => each.client_reference === reference).sort(byTime);
}

/** Those paid first, then the older; by id where times are missing, so that the order is always the same. */
function byTime(a: WaveSession, b: WaveSession): number {
  const key = (each: WaveSession): string => `${each.when_completed ?? '~'} ${each.when_created ?? '~'} ${each.id}`;
  return key(a) < key(b) ? -1 : 1;
}

function isPaid(data: WaveSession): boolean {
  return data.payment_status === 'succeeded' && data.checkout_status === 'complete';
}

function outcomeOf(data: WaveSession, asked: Currency): GatewayOutcome {
  const handles = handlesOf({ session_id: data.id, transaction_id: data.transaction_id });
  if (isPaid(data)) return readSuccess(data, asked, handles);
  // Money without a closed session, or the reverse of what its status can mean: ask again.
  if (data.payment_status === 'succeeded') return unknown('contradictory_answer');
  const lastError = data.last_payment_error?.code;
  switch (data.checkout_status) {
    // A payment that failed leaves the session open, and the customer may try again.
    case 'open': {
      const code = codeAsGiven(lastError ?? '', 'open');
      return { kind: 'pending', code, nextAction: launchOf(data), handles };
    }
    case 'complete':
      if (data.payment_status === 'processing')
        return { kind: 'pending', code: 'processing', nextAction: null, handles };
      return data.payment_status === 'cancelled'
        ? refused(data.payment_status, handles)
        : unknown(codeAsGiven(data.payment_status, 'unlisted_status'));
    case 'expired':
      return refused(lastError ?? 'expired', handles);
    default:
      return unknown(codeAsGiven(data.checkout_status, 'unlisted_status'));
  }
}

function refused(reason: string, handles: Record<string, string>): GatewayOutcome {
  const code = codeAsGiven(reason, 'expired');
  return { kind: 'declined', code, ...(WAVE_REFUSALS.get(code) ?? UNLISTED_REFUSAL), handles };
}

/** Wave tells the fee only in its books. */
function readSuccess(data: WaveSession, asked: Currency, handles: Record<string, string>): GatewayOutcome {
  const { amount, currency, client_reference: reference } = data;
  if (amount === undefined || currency === undefined || reference === undefined) return unknown('incomplete_success');
  const amountMinor = majorToMinor(amount, exponentOfReported(currency, asked), 'down');
  if (amountMinor === undefined) return unknown('incomplete_success');
  return { kind: 'succeeded', amountMinor, currency, reference, feeMinor: null, code: 'succeeded', handles };
}

function launchOf(data: WaveSession): NextAction | null {
  const url = data.wave_launch_url;
  return url !== undefined && /^https?:\/\//.test(url) ? { type: 'redirect', url } : null;
}
