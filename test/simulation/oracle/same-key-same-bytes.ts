import { decodeId } from '../../../src/kernel/ids/ids.js';
import { groupBy } from '../../../src/kernel/collections/group-by.js';
import { publicIdOf } from '../journal.js';
import type { Invariant } from './invariant.js';

/** The same key gets the same bytes, however often and wherever it is sent; and each key and reference is one payment, refund or payout. */
export const sameKeySameBytes: Invariant = {
  name: 'same_key_same_bytes',
  check({ journal }) {
    const answered = journal.entries.flatMap((entry) => {
      const publicId = publicIdOf(entry);
      return publicId === undefined ? [] : [{ entry, publicId, paymentId: decodeId('payment', publicId) }];
    });
    const trailOf = (paymentId: string | undefined) => (paymentId === undefined ? {} : { paymentId });
    const surprises = journal.surprises
      .filter(({ invariant }) => invariant !== 'no_row_crosses_a_tenant')
      .map(({ text, key }) => ({
        text: `${text} (key ${key})`,
        ...trailOf(answered.find(({ entry }) => entry.key === key)?.paymentId),
      }));
    const differing = answered.flatMap(({ entry, paymentId }) => {
      const [first, ...others] = entry.accepted;
      const other = others.find(({ status, text }) => status !== first?.status || text !== first.text);
      if (other === undefined) return [];
      const text = `key ${entry.key} got ${first?.status} ${first?.text} and then ${other.status} ${other.text}`;
      return [{ text, ...trailOf(paymentId) }];
    });
    const shared = [...groupBy(answered, ({ publicId }) => publicId)]
      .filter(([, entries]) => entries.length > 1)
      .map(([publicId, entries]) => ({
        text: `${entries.length} keys share ${publicId}`,
        ...trailOf(entries[0]?.paymentId),
      }));
    return [...surprises, ...differing, ...shared];
  },
};
