import { sumOf } from './money-out-evidence.js';
import type { Evidence } from './evidence.js';
import type { Invariant, Violation } from './invariant.js';
import { groupBy } from '../../../src/kernel/collections/group-by.js';
import { decodeId } from '../../../src/kernel/ids/ids.js';
import { publicIdOf } from '../journal.js';

/**
 * Refunds that never failed are never more than what was captured: by the answers that merchants got, by our rows, and by the sandbox's own
 * books, where every charge counts for itself, and every refund too. One that a gateway made after it had said that it failed may find its room taken by
 * another that is under way; so what the gateway gave back must fit, and ours without it.
 */
export const refundsWithinCaptures: Invariant = {
  name: 'refunds_within_captures',
  async check({ moneyOut, payments, accepted, charges, attempts, journal, query }) {
    const failedOnce = new Set((await query<{ id: string }>(FAILED)).map(({ id }) => id));
    const merchants = moneyOut.disbursements.filter(({ id, source }) => source === 'merchant' && !failedOnce.has(id));
    const refundsOf = groupBy(
      merchants.filter(({ status }) => status === 'processing' || status === 'succeeded'),
      ({ payment_id: id }) => id ?? '',
    );
    const byRows = payments.flatMap(({ id, amount, status }) => {
      const given = sumOf(refundsOf.get(id) ?? []);
      const captured = status === 'succeeded' ? Number(amount) : 0;
      return given <= captured
        ? []
        : [{ text: `${given} is given back of ${captured} that was captured`, paymentId: id }];
    });
    const byGateway = [...moneyOut.givenBack].flatMap(([reference, lines]) => {
      const [given, taken] = [sumOf(lines), sumOf(charges.get(reference) ?? [])];
      if (given <= taken) return [];
      const text = `${lines[0]?.gateway} has given back ${given} of ${taken} under ${reference}`;
      const attempt = attempts.find((each) => each.reference === reference);
      return [{ text, ...(attempt === undefined ? {} : { paymentId: attempt.payment_id }) }];
    });
    const answered = journal.entries.filter(
      (entry) =>
        entry.kind === 'refund' &&
        entry.shown !== undefined &&
        !failedOnce.has(decodeId('refund', publicIdOf(entry) ?? '') ?? ''),
    );
    const byAnswers = [...groupBy(answered, ({ path }) => path.split('/')[3] ?? '')].flatMap(([publicId, entries]) => {
      const payment = accepted.find((each) => each.publicId === publicId);
      const given = sumOf(entries.map(({ shown }) => ({ amount: Number(shown?.['amount']) })));
      if (payment === undefined || given <= Number(payment.entry.body['amount'])) return [];
      const text = `merchants were told that ${given} of it is given back`;
      return [{ text, paymentId: payment.uuid }];
    });
    return [...byRows, ...(await byEvents(payments, query)), ...byGateway, ...byAnswers];
  },
};

const FAILED = `SELECT DISTINCT payload->>'refund_id' AS id FROM messaging.outbox WHERE type = 'payments.refund_failed.v1'`;

interface Happened {
  readonly type: string;
  readonly refund_id: string;
  readonly payment_id: string;
  readonly amount: string;
}

/**
 * When each was accepted it fitted beside those that stood then: a gateway that refuses what is too much must not be what holds us to it. Who
 * accepts a refund, or lets one fail, holds the lock of its payment, so that for one payment the numbers of the events are their order.
 */
async function byEvents(payments: Evidence['payments'], query: Evidence['query']): Promise<readonly Violation[]> {
  const events = await query<Happened & Record<string, unknown>>(
    `SELECT type, payload->>'refund_id' AS refund_id, payload->>'payment_id' AS payment_id, payload->>'amount' AS amount FROM messaging.outbox
      WHERE type = ANY($1) AND payload->>'source' = 'merchant' ORDER BY seq`,
    [['created', 'failed', 'returned', 'succeeded'].map((what) => `payments.refund_${what}.v1`)],
  );
  const captured = new Map(payments.map(({ id, amount }) => [id, Number(amount)]));
  const standing = new Map<string, Map<string, number>>();
  const broken: Violation[] = [];
  for (const { type, refund_id: refundId, payment_id: paymentId, amount } of events) {
    const refunds = standing.get(paymentId) ?? new Map<string, number>();
    standing.set(paymentId, refunds);
    if (type.includes('failed') || type.includes('returned')) refunds.delete(refundId);
    else refunds.set(refundId, Number(amount));
    // One that succeeds after it had failed may find its room taken.
    const sum = [...refunds.values()].reduce((total, each) => total + each, 0);
    if (type.includes('created') && sum > (captured.get(paymentId) ?? 0))
      broken.push({
        text: `with a refund of ${amount}, ${sum} of ${captured.get(paymentId)} was to go back`,
        paymentId,
      });
  }
  return broken;
}
