import type { Invariant } from './invariant.js';

/**
 * An attempt is given up as not sent only if it took nothing, and a payment fails only if nothing of it was taken; but for a wrong
 * amount, which is quarantined: that stands among the cases, and is no success.
 */
export const givenUpRightly: Invariant = {
  name: 'given_up_rightly',
  check({ attempts, charges, payments, attemptsOf }) {
    const notSent = attempts
      .filter(({ concluded_as: concluded, reference }) => concluded === 'not_sent' && charges.has(reference))
      .map(({ payment_id: paymentId, gateway, reference }) => ({
        text: `${reference} was given up as not sent, and ${gateway} took the money`,
        paymentId,
      }));
    const failed = payments
      .filter(
        ({ id, status }) =>
          status === 'failed' &&
          (attemptsOf.get(id) ?? []).some(
            (attempt) => charges.has(attempt.reference) && attempt.status !== 'quarantined',
          ),
      )
      .map(({ id }) => ({ text: 'it failed, and money was taken for it', paymentId: id }));
    return [...notSent, ...failed];
  },
};
