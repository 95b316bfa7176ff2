import fc from 'fast-check';
import { decodeId, earliestUuid, encodeId, newId, newUuid } from './ids.js';

describe('ids', () => {
  it('gives back any uuid that it encoded', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        const id = encodeId('payment', uuid);
        expect(id).toMatch(/^pay_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
        expect(decodeId('payment', id)).toBe(uuid);
      }),
    );
  });

  it('agrees with known values', () => {
    expect(encodeId('payment', '00000000-0000-0000-0000-000000000000')).toBe(`pay_${'0'.repeat(26)}`);
    expect(encodeId('payment', 'ffffffff-ffff-ffff-ffff-ffffffffffff')).toBe(`pay_7${'z'.repeat(25)}`);
    expect(encodeId('payment', '00000000-0000-0000-0000-000000000021')).toBe(`pay_${'0'.repeat(24)}11`);
  });

  it('tells what is older by the earliest id of a time', () => {
    const before = earliestUuid(Date.now() - 1);
    const uuid = newUuid();
    expect(before < uuid && uuid < earliestUuid(Date.now() + 2)).toBe(true);
  });

  it('sorts by time in both forms', () => {
    const uuids = Array.from({ length: 200 }, () => newUuid());
    const ids = uuids.map((uuid) => encodeId('event', uuid));
    expect([...ids].sort()).toEqual(ids);
    expect([...uuids].sort()).toEqual(uuids);
  });

  it.each([
    '',
    'pay_',
    'pay_short',
    `re_${'0'.repeat(26)}`,
    `pay_8${'0'.repeat(25)}`,
    `pay_${'u'.repeat(26)}`,
    `pay_${'é'.repeat(26)}`,
    `PAY_${'0'.repeat(26)}`,
  ])('refuses %p', (id) => {
    expect(decodeId('payment', id)).toBeUndefined();
  });

  it('makes request ids', () => {
    expect(newId('request')).toMatch(/^req_[0-9a-z]{26}$/);
  });
});
