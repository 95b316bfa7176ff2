import { groupBy } from '../../e2e/support/group-by.js';
import type { Invariant } from './invariant.js';

/** The same key gets the same bytes, however often and wherever it is sent; and each key and reference is one payment. */
export const sameKeySameBytes: Invariant = {
  name: 'same_key_same_bytes',
  check({ journal, accepted }) {
    const surprises = journal.surprises
      .filter(({ invariant }) => invariant !== 'no_row_crosses_a_tenant')
      .map(({ text, key }) => {
        const payment = accepted.find(({ entry }) => entry.key === key);
        return { text: `${text} (key ${key})`, ...(payment === undefined ? {} : { paymentId: payment.uuid }) };
      });
    const differing = accepted.flatMap(({ entry, uuid }) => {
      const [first, ...others] = entry.accepted;
      const other = others.find(({ status, text }) => status !== first?.status || text !== first.text);
      if (other === undefined) return [];
      const text = `key ${entry.key} got ${first?.status} ${first?.text} and then ${other.status} ${other.text}`;
      return [{ text, paymentId: uuid }];
    });
    const byPayment = groupBy(accepted, ({ uuid }) => uuid);
    const shared = [...byPayment]
      .filter(([, entries]) => entries.length > 1)
      .map(([paymentId, entries]) => ({ text: `${entries.length} keys share one payment`, paymentId }));
    return [...surprises, ...differing, ...shared];
  },
};
