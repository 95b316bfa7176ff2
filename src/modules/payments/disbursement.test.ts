import fc from 'fast-check';
import { DISBURSEMENT_STATUSES, higher } from './disbursement.js';

const status = fc.constantFrom(...DISBURSEMENT_STATUSES);

describe('the states of refunds and payouts', () => {
  it('go up only: processing, failed, succeeded, returned', () => {
    expect(higher('failed', 'processing')).toBe('failed');
    expect(higher('failed', 'succeeded')).toBe('succeeded');
    expect(higher('succeeded', 'failed')).toBe('succeeded');
    expect(higher('succeeded', 'returned')).toBe('returned');
    expect(higher('returned', 'succeeded')).toBe('returned');
  });

  it('are a lattice: order, repetition and grouping of what is heard make no difference', () => {
    fc.assert(
      fc.property(status, status, status, (a, b, c) => {
        expect(higher(a, b)).toBe(higher(b, a));
        expect(higher(a, a)).toBe(a);
        expect(higher(a, higher(b, c))).toBe(higher(higher(a, b), c));
      }),
    );
  });
});
