import { UNDISTURBED, type ChargePlan } from '../../charge-plan.js';

/** MTN's published test numbers of the `sandbox` environment which end in failure, with the reason each gives. */
const FAILING: Readonly<Record<string, string>> = {
  '46733123450': 'INTERNAL_PROCESSING_ERROR',
  '46733123451': 'APPROVAL_REJECTED',
  '46733123452': 'EXPIRED',
  '46733123455': 'PAYER_NOT_FOUND',
  '46733123456': 'PAYEE_NOT_ALLOWED_TO_RECEIVE',
  '46733123457': 'NOT_ALLOWED',
  '46733123458': 'NOT_ALLOWED_TARGET_ENVIRONMENT',
  '46733123459': 'INVALID_CALLBACK_URL_HOST',
  '46733123460': 'INVALID_CURRENCY',
  '46733123461': 'INTERNAL_PROCESSING_ERROR',
  '46733123462': 'SERVICE_UNAVAILABLE',
  '46733123463': 'COULD_NOT_PERFORM_TRANSACTION',
};

/** Pending for about half a minute, then paid (sources conflict on which of the two numbers it is). Milliseconds. */
const SLOW_NUMBER = '46733123453';
const SLOW_MS = 30_000;

/** Stays pending. */
const STUCK_NUMBER = '46733123454';

/** @returns what becomes of a charge to one of MTN's own test numbers, or undefined for any other number. */
export function testNumberPlan(phone: string | undefined): ChargePlan | undefined {
  if (phone === undefined) return undefined;
  if (phone === SLOW_NUMBER) return { ...UNDISTURBED, approveAfterMs: SLOW_MS };
  if (phone === STUCK_NUMBER) return { ...UNDISTURBED, approveAfterMs: null };
  const reason = FAILING[phone];
  return reason === undefined ? undefined : { ...UNDISTURBED, declineCode: reason };
}

/**
 * Of the two slow numbers the sources say the opposite for disbursements, as a run against the real sandbox saw: there the
 * first is stuck and the second is slow. A payer that is not found is a payee here.
 */
export function payoutTestNumberPlan(phone: string | undefined): ChargePlan | undefined {
  if (phone === SLOW_NUMBER) return testNumberPlan(STUCK_NUMBER);
  if (phone === STUCK_NUMBER) return testNumberPlan(SLOW_NUMBER);
  const plan = testNumberPlan(phone);
  return plan?.declineCode === 'PAYER_NOT_FOUND' ? { ...plan, declineCode: 'PAYEE_NOT_FOUND' } : plan;
}
