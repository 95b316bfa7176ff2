import fc from 'fast-check';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import { decodeEntryId, encodeEntryId } from './entry-id.js';

const account = newUuid();

describe('ids of entries', () => {
  it('give back the version of that account', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), (id, version) => {
        expect(decodeEntryId(id, encodeEntryId(id, version))).toBe(version);
      }),
    );
  });

  it('fit into a cursor', () => {
    expect(encodeEntryId(account, 2n ** 63n - 1n).length).toBeLessThanOrEqual(64);
  });

  const mine = encodeId('account', account).slice('acct_'.length);
  it.each([
    '',
    'ent_1',
    encodeEntryId(newUuid(), 1n),
    `ent_${mine}`,
    `ent_${mine}_0`,
    `ent_${mine}_01`,
    `ent_${mine}_-1`,
    `ent_${mine}_9223372036854775808`,
    `ent_${mine}_1x`,
    `acct_${mine}_1`,
  ])('are not %p', (id) => {
    expect(decodeEntryId(account, id)).toBeUndefined();
  });
});
