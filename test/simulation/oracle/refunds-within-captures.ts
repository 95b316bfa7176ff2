import { sumOf } from './money-out-evidence.js';
import type { Invariant } from './invariant.js';
import { groupBy } from '../../e2e/support/group-by.js';
import { publicIdOf } from '../journal.js';

/**
 * Refunds that did not fail are never more than what was captured: by the answers that merchants got, by our rows, and by the sandbox's own
 * books, where every charge counts for itself.
 */
export const refundsWithinCaptures: Invariant = {
  name: 'refunds_within_captures',
  check({ moneyOut, payments, accepted, charges, attempts, journal }) {
    const merchants = moneyOut.disbursements.filter(({ source }) => source === 'merchant');
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
    const failed = new Set(
      journal.entries.filter(({ kind, shown }) => kind === 'refund' && shown?.['status'] === 'failed').map(publicIdOf),
    );
    const answered = journal.entries.filter(
      (entry) => entry.kind === 'refund' && entry.shown !== undefined && !failed.has(publicIdOf(entry)),
    );
    const byAnswers = [...groupBy(answered, ({ path }) => path.split('/')[3] ?? '')].flatMap(([publicId, entries]) => {
      const payment = accepted.find((each) => each.publicId === publicId);
      const given = sumOf(entries.map(({ shown }) => ({ amount: Number(shown?.['amount']) })));
      if (payment === undefined || given <= Number(payment.entry.body['amount'])) return [];
      const text = `merchants were told that ${given} of it is given back`;
      return [{ text, paymentId: payment.uuid }];
    });
    return [...byRows, ...byGateway, ...byAnswers];
  },
};
