import { evidenceOf } from './evidence.js';

const declined = (code: string, blame: 'customer' | 'merchant' | 'gateway' | 'ambiguous') =>
  evidenceOf({ kind: 'declined', code, blame, retryable: false, handles: {} });

describe('what the end of a call says about the gateway', () => {
  it.each(['NOT_ENOUGH_FUNDS', 'insufficient-funds', 'insufficient_funds', 'incorrect_pin', 'APPROVAL_REJECTED'])(
    'is that it was reached, where the customer answered %s, though not as surely as a success is',
    (code) => {
      const { worked, weight } = declined(code, 'customer') ?? { worked: false, weight: 0 };
      expect(worked).toBe(true);
      expect(weight).toBeGreaterThan(0);
      expect(weight).toBeLessThan(1);
    },
  );

  it.each([
    'EXPIRED',
    'expired',
    'COULD_NOT_PERFORM_TRANSACTION',
    'PAYER_DELAYED',
    'ABANDONED',
    'PAYER_NOT_FOUND',
    '2001',
  ])('is nothing, where a customer who was never asked would look the same (%s)', (code) => {
    expect(declined(code, 'customer')).toBeUndefined();
  });

  it('is nothing good, where it is not the customer who has no funds', () => {
    expect(declined('insufficient-funds', 'merchant')).toBeUndefined();
    expect(declined('insufficient_funds', 'gateway')).toEqual({ worked: false, weight: 1 });
    expect(evidenceOf({ kind: 'not_sent', code: 'insufficient_funds', blame: 'customer' })).toBeUndefined();
  });

  it('is less, where it cannot be told who was at fault', () => {
    expect(declined('declined', 'ambiguous')).toEqual({ worked: false, weight: 0.3 });
  });
});
