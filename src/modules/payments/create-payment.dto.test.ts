import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { validateBody } from '../../kernel/http/dto-validator.js';
import { CURRENCIES } from '../../kernel/money/money.js';
import { CreatePaymentDto } from './create-payment.dto.js';
import { METHOD_TYPES } from './method-rules.js';

const isPlainObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** class-validator's own word, and that a nested object is one: it lets arrays and undefined pass there. */
function libraryAccepts(body: Record<string, unknown>): boolean {
  const { metadata, ...rest } = body;
  // class-transformer would walk into the metadata, where it fails on names like `constructor`.
  const instance = Object.assign(plainToInstance(CreatePaymentDto, rest), metadata === undefined ? {} : { metadata });
  const errors = validateSync(instance, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  const { method, customer } = body;
  return (
    errors.length === 0 &&
    isPlainObject(method) &&
    (customer === undefined || customer === null || isPlainObject(customer))
  );
}

function planAccepts(body: unknown): boolean {
  try {
    return validateBody(CreatePaymentDto, body) === body;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'request.invalid') return false;
    throw error;
  }
}

/** Mostly what is right, now and then what is not: else every body would be refused for its first field. */
const mostly = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 12, arbitrary: right as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: fc.oneof(fc.jsonValue(), ...wrong) },
  );

const phone = mostly(
  fc.constantFrom('+233241234567', '+2348012345678'),
  fc.constantFrom('0241234567', '+0241234567', '+1234567', '+1234567890123456', '+233 24', ''),
);
const text = (max: number): fc.Arbitrary<unknown> =>
  mostly(
    fc.string({ minLength: 1, maxLength: max, unit: 'grapheme' }),
    fc.constantFrom('', 'x'.repeat(max + 1), '\u{1F30D}'.repeat(max)),
  );
const optional = { requiredKeys: [] };

const method = mostly(
  fc.record(
    {
      type: mostly(fc.constantFrom(...METHOD_TYPES), fc.constantFrom('cash', 'toString', '__proto__')),
      network: text(40),
      phone,
      token: text(200),
      bank: text(20),
    },
    { requiredKeys: ['type'] },
  ),
  fc.constantFrom([], [{ type: 'card' }], {}, { type: 'card', number: '1' }),
);
const customer = mostly(
  fc.record(
    {
      email: mostly(
        fc.constantFrom('ama@example.com', 'k@b.co'),
        fc.constantFrom('ama', 'a@b', '@', 'a b@example.com'),
      ),
      phone,
      name: text(200),
    },
    optional,
  ),
  fc.constantFrom([], [{}], { email: 'ama@example.com', age: 3 }),
);
const metadata = mostly(
  fc.dictionary(fc.string({ minLength: 1, maxLength: 40 }), fc.string({ maxLength: 500 }), {
    maxKeys: 50,
    noNullPrototype: true,
  }),
  fc.constantFrom(
    { a: 1 },
    { '': 'x' },
    { a: null },
    { ['k'.repeat(41)]: 'x' },
    { a: 'v'.repeat(501) },
    Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v'])),
  ),
);
const body = fc.record(
  {
    amount: mostly(
      fc.integer({ min: 1, max: 1_000_000_000_000 }),
      fc.constantFrom(0, -1, 1.5, 1_000_000_000_001, Number.MAX_SAFE_INTEGER, '100'),
    ),
    currency: mostly(fc.constantFrom(...CURRENCIES), fc.constantFrom('USD', 'ngn', '')),
    reference: mostly(
      fc.stringMatching(/^[\x21-\x7e]{1,100}$/),
      fc.constantFrom('', ' a', 'a ', 'a\n', 'é', 'r'.repeat(101)),
    ),
    method,
    customer,
    description: text(500),
    return_url: mostly(
      fc.webUrl({ withQueryParameters: true, withFragments: true, size: 'small' }),
      fc.constantFrom(
        '',
        'shop.example',
        'ftp://shop.example/',
        'https://a:b@shop.example/',
        `https://shop.example/${'a'.repeat(500)}`,
      ),
    ),
    metadata,
    status: fc.constant('succeeded'),
  },
  { requiredKeys: ['amount', 'currency', 'reference', 'method'] },
);
/** A body with a field more or less than it should have. */
const anyBody = fc.oneof(
  { weight: 8, arbitrary: body.map(({ status: _, ...rest }): Record<string, unknown> => rest) },
  { weight: 1, arbitrary: body.map((given): Record<string, unknown> => given) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(body, fc.constantFrom('amount', 'currency', 'reference', 'method'))
      .map(([given, gone]): Record<string, unknown> => ({ ...given, [gone]: undefined })),
  },
);

describe('the body of POST /v1/payments', () => {
  it('is judged by the compiled plan as by class-validator itself', () => {
    const verdicts = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(anyBody, (given) => {
        const accepted = libraryAccepts(given);
        verdicts[accepted ? 'accepted' : 'refused'] += 1;
        expect(planAccepts(given)).toBe(accepted);
      }),
      { numRuns: 3_000 },
    );
    // A run that saw only one side would have proved nothing.
    expect(verdicts.accepted).toBeGreaterThan(300);
    expect(verdicts.refused).toBeGreaterThan(300);
  });

  it('is judged alike for whatever JSON there is', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            'amount',
            'currency',
            'reference',
            'method',
            'customer',
            'description',
            'return_url',
            'metadata',
            'x',
          ),
          fc.jsonValue(),
        ),
        (given) => {
          expect(planAccepts(given)).toBe(libraryAccepts(given));
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each<[Readonly<Record<string, unknown>>]>([
    [{ constructor: ' ' }],
    [{ prototype: 'x' }],
    [{ toString: 'x', hasOwnProperty: 'y' }],
  ])('may have metadata like %j, also when it is refused for something else', (metadata) => {
    const given = { amount: 1, currency: 'NGN', reference: 'r', method: { type: 'card' }, metadata };
    expect(validateBody(CreatePaymentDto, given)).toBe(given);
    expect(planAccepts({ ...given, amount: 0 })).toBe(false);
  });

  it('names the method when it is missing', () => {
    const given = { amount: 1, currency: 'NGN', reference: 'r' };
    expect(() => validateBody(CreatePaymentDto, given)).toThrow(
      expect.objectContaining({
        errors: [expect.objectContaining({ pointer: '/method', code: 'is_object' })],
      }) as Error,
    );
  });
});
