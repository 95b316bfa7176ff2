import type { Invariant } from './invariant.js';

/** At most one winning capture; a payment succeeded exactly when it has one, of its amount and currency. */
export const oneWinner: Invariant = {
  name: 'one_winner',
  check({ payments, attemptsOf }) {
    return payments.flatMap((payment) => {
      const winners = (attemptsOf.get(payment.id) ?? []).filter(({ status }) => status === 'succeeded');
      const [winner] = winners;
      const isRight =
        winners.length === (payment.status === 'succeeded' ? 1 : 0) &&
        (winner === undefined ||
          (winner.id === payment.winning_attempt_id &&
            winner.captured_amount === payment.amount &&
            winner.captured_currency === payment.currency));
      if (isRight) return [];
      return [{ text: `it is ${payment.status} with ${winners.length} winning attempts`, paymentId: payment.id }];
    });
  },
};
