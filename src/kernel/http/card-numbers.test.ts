import { holdsCardNumber } from './card-numbers.js';

describe('card numbers', () => {
  it.each([
    '4111111111111111',
    '{"reference":"4111 1111 1111 1111"}',
    '5555-5555-5555-4444',
    '{"metadata":{"note":"card 378282246310005 please"}}',
    '{"n":6011111111111117}',
    '2223003122003222',
    '5061460410120223210',
  ])('finds the one in %s', (text) => {
    expect(holdsCardNumber(text)).toBe(true);
  });

  it.each(['+2348031234567', '2348100000009', '4111111111111112', '1763800000000', '{"reference":"order-20261122-000123"}', '0241234567', '41111111111111111111111', ''])(
    'leaves %s alone',
    (text) => {
      expect(holdsCardNumber(text)).toBe(false);
    },
  );
});
