import type { Invariant, Violation } from './invariant.js';

const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'canceled']);

/** Every accepted payment is there, as it was asked for, and is final or stands among the open questions that operators see. */
export const everyPaymentEnds: Invariant = {
  name: 'every_payment_ends',
  check({ accepted, payments, cases, journal, attemptsOf }) {
    const broken: Violation[] = journal.entries
      .filter(({ accepted: answers }) => answers.length === 0)
      .map(({ key }) => ({ text: `the payment under key ${key} was never accepted` }));
    for (const { row, publicId, uuid, entry } of accepted) {
      if (row === undefined) {
        broken.push({ text: `${publicId} was accepted and is not there`, paymentId: uuid });
        continue;
      }
      const { amount, currency, reference } = entry.body;
      if (row.amount !== String(amount) || row.currency !== currency || row.reference !== reference)
        broken.push({ text: `${publicId} is not what was asked for`, paymentId: uuid });
      if (FINAL.has(row.status) || cases.has(publicId)) continue;
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
