import type { Invariant } from './invariant.js';

/**
 * Unrefunded double charges are none. A second success is the gateway's own doing only where it had said no to the first: whatever we
 * gave up as never sent, or gave up by ourselves, took nothing; and no reference was charged twice.
 */
export const noDoubleCharge: Invariant = {
  name: 'no_double_charge',
  check({ attemptsOf, charges, attempts }) {
    const repeated = attempts
      .filter(({ reference }) => (charges.get(reference) ?? []).length > 1)
      .map(({ payment_id: paymentId, reference, gateway }) => ({
        text: `${gateway} was made to charge ${reference} twice`,
        paymentId,
      }));
    const doubled = [...attemptsOf].flatMap(([paymentId, siblings]) => {
      const charged = siblings
        .filter(({ reference }) => charges.has(reference))
        .sort((a, b) => a.sequence - b.sequence);
      const unexcused = charged.slice(0, -1).filter(({ concluded_as: concluded }) => concluded !== 'declined');
      if (unexcused.length === 0) return [];
      const story = charged.map(
        ({ gateway, concluded_as: concluded }) => `${gateway} (${concluded ?? 'not given up'})`,
      );
      return [{ text: `the customer was charged ${charged.length} times: ${story.join(', then ')}`, paymentId }];
    });
    return [...repeated, ...doubled];
  },
};
