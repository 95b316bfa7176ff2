import type { Fault, Struck } from './faults.js';
import { magicBehaviour } from './magic-phones.js';

/** The reasons for which an imaginary customer's payment fails; each gateway has words of its own for them. */
export interface DeclineCodes {
  readonly insufficientFunds: string;
  readonly customerRejected: string;
  readonly expired: string;
}

/** What will become of one charge, decided when it is created. */
export interface ChargePlan {
  /** What the client is told about the creation: the truth, nothing at all, a server error, or nonsense. */
  readonly createAnswer: 'truth' | 'silence' | 'error' | 'garbage';
  /** When the customer acts. Milliseconds; `null` is never, undefined the usual time. */
  readonly approveAfterMs?: number | null;
  /** The provider's decline code; undefined when the customer pays. */
  readonly declineCode?: string;
  /** The charge is first reported as failed and succeeds so many milliseconds later. */
  readonly lateSuccessMs?: number;
  readonly wrongAmount: boolean;
  readonly webhook: 'once' | 'never' | 'repeated';
  /** How long after the event the webhook is sent. Milliseconds. */
  readonly webhookDelayMs: number;
  readonly forgedWebhook: boolean;
}

/** A charge that nothing interferes with; shared, so that it costs no memory per charge. */
export const UNDISTURBED: ChargePlan = {
  createAnswer: 'truth',
  wrongAmount: false,
  webhook: 'once',
  webhookDelayMs: 0,
  forgedWebhook: false,
};

/** How long after the reported failure the customer behind the magic number ...9905 pays all the same. Milliseconds. */
const MAGIC_LATE_SUCCESS_MS = 3_000;

/**
 * Joins the faults that struck the create request with the behaviour of the customer's phone number. A fault wins over
 * the phone where both speak of the same thing.
 */
export function planCharge(struck: Struck, phone: string | undefined, codes: DeclineCodes): ChargePlan {
  const magic = magicBehaviour(phone);
  if (struck.size === 0 && magic === undefined) return UNDISTURBED;
  for (const fault of struck.values()) fault.hits += 1;
  const approveAfter = struck.get('approve_after');
  const lateSuccess = struck.get('late_success');
  const lateSuccessMs = lateSuccess ? lateSuccess.ms : magic === 'late_success' ? MAGIC_LATE_SUCCESS_MS : undefined;
  const decline = declineCode(struck, magic, codes) ?? (lateSuccessMs === undefined ? undefined : codes.expired);
  const waits = approveAfter ? positiveOrNever(approveAfter) : magic === 'never_approves' ? null : undefined;
  return {
    createAnswer: createAnswer(struck, magic),
    ...(waits === undefined ? {} : { approveAfterMs: waits }),
    ...(decline === undefined ? {} : { declineCode: decline }),
    ...(lateSuccessMs === undefined ? {} : { lateSuccessMs }),
    wrongAmount: struck.has('wrong_amount'),
    webhook: webhook(struck, magic),
    webhookDelayMs: struck.get('late_webhook')?.ms ?? 0,
    forgedWebhook: struck.has('forged_webhook'),
  };
}

function positiveOrNever(fault: Fault): number | null {
  return fault.ms > 0 ? fault.ms : null;
}

function declineCode(struck: Struck, magic: string | undefined, codes: DeclineCodes): string | undefined {
  const fault = struck.get('decline');
  if (fault) return fault.order.code ?? codes.insufficientFunds;
  const late = struck.get('late_success');
  if (late?.order.code !== undefined) return late.order.code;
  if (magic === 'insufficient_funds') return codes.insufficientFunds;
  return magic === 'customer_rejects' ? codes.customerRejected : undefined;
}

function createAnswer(struck: Struck, magic: string | undefined): ChargePlan['createAnswer'] {
  if (struck.has('timeout_after_charge')) return 'silence';
  if (struck.has('error_5xx_after_charge')) return 'error';
  if (struck.has('garbage')) return 'garbage';
  return magic === 'timeout_after_charge' ? 'silence' : 'truth';
}

function webhook(struck: Struck, magic: string | undefined): ChargePlan['webhook'] {
  if (struck.has('no_webhook')) return 'never';
  if (struck.has('duplicate_webhook')) return 'repeated';
  if (magic === 'no_webhook') return 'never';
  return magic === 'duplicate_webhook' ? 'repeated' : 'once';
}
