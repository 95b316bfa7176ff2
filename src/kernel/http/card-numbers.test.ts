import { holdsCardNumber, maskCardNumbers } from './card-numbers.js';

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

  it.each([
    '+2348031234567',
    '2348100000009',
    '4111111111111112',
    '1763800000000',
    '{"reference":"order-20261122-000123"}',
    '0241234567',
    '41111111111111111111111',
    '',
  ])('leaves %s alone', (text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });

  it.each([
    '446eb865-e4f4-4054-9127-2883b6d56533',
    '{"reference":"order-479d22e9-6b5c-4291-8536-27363fbf8ee0"}',
    '4697421648564930994d2fd914d746a0',
  ])('takes no part of the UUID %s for one', (text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });

  it('still finds one beside a UUID', () => {
    expect(holdsCardNumber('{"reference":"446eb865-e4f4-4054-9127-2883b6d56533","note":"4111111111111111"}')).toBe(
      true,
    );
  });

  it.each([
    ['paid by 4111 1111 1111 1111, thank you', 'paid by 411111******1111, thank you'],
    ['378282246310005/5555-5555-5555-4444', '378282*****0005/555555******4444'],
    ['446eb865-e4f4-4054-9127-2883b6d56533', '446eb865-e4f4-4054-9127-2883b6d56533'],
    ['4111111111111112 is none', '4111111111111112 is none'],
  ])('are masked in %s', (text, masked) => {
    expect(maskCardNumbers(text)).toBe(masked);
    expect(holdsCardNumber(masked)).toBe(false);
  });
});
