import type { Invariant, Violation } from './invariant.js';
import { waitsForCustomer } from './open-questions.js';

const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'canceled']);

/**
 * Every accepted payment is there, as it was asked for, and is final, stands among the open questions that operators see, or waits for a
 * customer with its gateway.
 */
export const everyPaymentEnds: Invariant = {
  name: 'every_payment_ends',
  check(evidence) {
    const { accepted, payments, cases, journal, attemptsOf } = evidence;
    const broken: Violation[] = journal.entries
      .filter(({ accepted: answers, refused }) => answers.length + refused.length === 0)
      .map(({ key, kind }) => ({ text: `the ${kind} under key ${key} was never accepted` }));
    for (const payment of accepted) {
      const { row, publicId, uuid, entry } = payment;
      if (row === undefined) {
        broken.push({ text: `${publicId} was accepted and is not there`, paymentId: uuid });
        continue;
      }
      const { amount, currency, reference } = entry.body;
      if (row.amount !== String(amount) || row.currency !== currency || row.reference !== reference)
        broken.push({ text: `${publicId} is not what was asked for`, paymentId: uuid });
      if (FINAL.has(row.status) || cases.has(publicId) || waitsForCustomer(evidence, payment)) continue;
      const attempts = (attemptsOf.get(uuid) ?? []).map(({ gateway, status }) => `${gateway} ${status}`);
      broken.push({
        text: `${publicId} is ${row.status} and no case (attempts: ${attempts.join(', ') || 'none'})`,
        paymentId: uuid,
      });
    }
    const known = new Set(accepted.map(({ uuid }) => uuid));
    for (const { id, reference } of payments) {
      if (!known.has(id)) broken.push({ text: `payment ${reference} is there and nobody was told`, paymentId: id });
    }
    return broken;
  },
};
