/** What is wrong with a request, in tables: `bad-input.test.ts` sends each. */

/** A test number of Visa's: it has the prefix, the length and the check digit of a real one. */
export const CARD = '4111111111111111';

const MOBILE_MONEY = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
const NAIRA = { currency: 'NGN', method: { type: 'bank_transfer' } };

/** What is wrong, what is changed in a good body, the code, and where the first error points. */
export type FieldCase = readonly [
  what: string,
  change: Readonly<Record<string, unknown>>,
  code: string,
  pointer?: string,
];

export const INVALID = 'request.invalid';
const UNSUPPORTED = 'payment.method_not_supported';

export const fieldCases: readonly FieldCase[] = [
  ['an unknown field', { ammount: 1 }, INVALID, '/ammount'],
  ['an unknown field of the method', { method: { ...MOBILE_MONEY, pin: '1234' } }, INVALID, '/method/pin'],
  ['an unknown field of the customer', { customer: { id: 7 } }, INVALID, '/customer/id'],
  ['an amount in words', { amount: '10000' }, INVALID, '/amount'],
  ['no amount', { amount: undefined }, INVALID, '/amount'],
  ['a null amount', { amount: null }, INVALID, '/amount'],
  ['a boolean amount', { amount: true }, INVALID, '/amount'],
  ['an amount in a list', { amount: [10_000] }, INVALID, '/amount'],
  ['an amount of zero', { amount: 0 }, INVALID, '/amount'],
  ['a negative amount', { amount: -1 }, INVALID, '/amount'],
  ['a fraction of a pesewa', { amount: 100.5 }, INVALID, '/amount'],
  ['an amount beyond sense', { amount: Number.MAX_SAFE_INTEGER }, INVALID, '/amount'],
  ['a fraction of a franc', { amount: 1_500.5, currency: 'XOF' }, INVALID, '/amount'],
  ['an unsupported currency', { currency: 'USD' }, INVALID, '/currency'],
  ['a currency in small letters', { currency: 'ghs' }, INVALID, '/currency'],
  ['no currency', { currency: undefined }, INVALID, '/currency'],
  ['an unknown method', { method: { type: 'cheque' } }, INVALID, '/method/type'],
  ['a method that is a name', { method: 'mobile_money' }, INVALID, '/method'],
  ['a method that is a list', { method: [MOBILE_MONEY] }, INVALID, '/method'],
  ['no method', { method: undefined }, INVALID, '/method'],
  ['a wallet without a phone', { method: { type: 'mobile_money', network: 'mtn' } }, INVALID, '/method/phone'],
  ['a phone without its country', { method: { ...MOBILE_MONEY, phone: '0241234567' } }, INVALID, '/method/phone'],
  ['a field of another method', { method: { ...MOBILE_MONEY, bank: '737' } }, INVALID, '/method/bank'],
  ['an unknown network', { method: { ...MOBILE_MONEY, network: 'safaricom' } }, UNSUPPORTED],
  ['a wallet in naira', { currency: 'NGN' }, UNSUPPORTED],
  ['a bank transfer in cedi', { method: { type: 'bank_transfer' } }, UNSUPPORTED],
  ['no reference', { reference: undefined }, INVALID, '/reference'],
  ['an empty reference', { reference: '' }, INVALID, '/reference'],
  ['a reference too long', { reference: 'r'.repeat(101) }, INVALID, '/reference'],
  ['a reference with a line break', { reference: 'a\nb' }, INVALID, '/reference'],
  ['a reference that is a number', { reference: 12 }, INVALID, '/reference'],
  ['a malformed e-mail address', { customer: { email: 'nobody' } }, INVALID, '/customer/email'],
  ['a customer that is a name', { customer: 'Ama' }, INVALID, '/customer'],
  ['a description too long', { description: 'd'.repeat(501) }, INVALID, '/description'],
  ['a description that is an object', { description: {} }, INVALID, '/description'],
  ['a page that is no address', { return_url: 'shop.example/back' }, INVALID, '/return_url'],
  ['a page that is a script', { return_url: 'javascript:alert(1)' }, INVALID, '/return_url'],
  ['a page with a password in it', { return_url: 'https://ama:secret@shop.example/' }, INVALID, '/return_url'],
  ['an address too long', { return_url: `https://shop.example/${'a'.repeat(480)}` }, INVALID, '/return_url'],
  ['metadata in a list', { metadata: ['a'] }, INVALID, '/metadata'],
  ['a number in the metadata', { metadata: { n: 1 } }, INVALID, '/metadata'],
  ['an object in the metadata', { metadata: { n: { m: 'x' } } }, INVALID, '/metadata'],
  [
    'too much metadata',
    { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v'])) },
    INVALID,
    '/metadata',
  ],
  ['a NUL in the description', { description: 'a\u0000b' }, INVALID, '/description'],
  ['a NUL in the metadata', { metadata: { note: 'a\u0000b' } }, INVALID, '/metadata/note'],
  ['half a character in the description', { description: 'a\uD800b' }, INVALID, '/description'],
];

export const cardCases: readonly (readonly [where: string, change: Readonly<Record<string, unknown>>])[] = [
  ['the reference', { reference: CARD }],
  ['the description', { description: `card ${CARD}, exp 12/29` }],
  ['the description, in groups', { description: '4111 1111 1111 1111' }],
  ['the description, with dashes', { description: '4111-1111-1111-1111' }],
  ['a value of the metadata', { metadata: { note: CARD } }],
  ['a name in the metadata', { metadata: { [CARD]: 'x' } }],
  ["the customer's name", { customer: { name: CARD } }],
  ["the customer's e-mail address", { customer: { email: `${CARD}@example.com` } }],
  ['the token of a card', { ...NAIRA, method: { type: 'card', token: CARD } }],
  ['an unknown field, as a number', { card: Number(CARD) }],
  ['an unknown field, deep down', { card: { details: [{ pan: CARD }] } }],
  ['the amount', { amount: Number(CARD) }],
];

/** Sent as they are: what is wrong, the body, the status, the code. */
export const rawCases: readonly (readonly [what: string, body: string, status: number, code: string])[] = [
  ['half a body', '{"amount": 100', 400, 'request.malformed_json'],
  ['no JSON', 'amount=100', 400, 'request.malformed_json'],
  ['a trailing comma', '{"amount": 100,}', 400, 'request.malformed_json'],
  ['a prototype', '{"__proto__": {"livemode": true}}', 400, 'request.malformed_json'],
  ['a list', '[]', 422, INVALID],
  ['null', 'null', 422, INVALID],
  ['a string', '"payment"', 422, INVALID],
  ['nothing', '', 422, INVALID],
  ['NaN', '{"amount": NaN}', 400, 'request.malformed_json'],
  ['a list a thousand levels deep', `{"metadata": ${'['.repeat(1_000)}${']'.repeat(1_000)}}`, 422, INVALID],
  ['as deep as 64 KB can be', `{"metadata": ${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 422, INVALID],
  [
    'as deep as 64 KB can be, with an escape',
    String.raw`{"a": "\u0041", "metadata": ` + `${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
    422,
    INVALID,
  ],
  [
    'as deep as 64 KB can be, and an unknown field',
    `{"x": ${'{"x":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
    422,
    INVALID,
  ],
  ['an escaped card number', `{"description": "${CARD.replace('4', String.raw`\u0034`)}"}`, 422, 'request.card_number'],
];

/** Values of Prefer. */
export const badPreferences = ['wait=31', 'wait=abc', 'wait=-1', 'wait', 'wait=1.5', 'respond-async, wait=99'];

/** Paths of lists with parameters that they do not take. */
export const badQueries = [
  '/v1/payments?limit=0',
  '/v1/payments?limit=101',
  '/v1/payments?limit=ten',
  '/v1/payments?limit=1&limit=2',
  '/v1/payments?starting_after=nonsense',
  '/v1/payments?ending_before=pay_0',
  '/v1/payments?starting_after=evt_01m829styhfz7anatka2yke4vk',
  '/v1/payments?status=paid',
  '/v1/payments?created_after=yesterday',
  '/v1/payments?created_after=2026-02-30T00:00:00Z',
  '/v1/payments?created_after=2026-W01-1',
  '/v1/refunds?created_before=2026-W01-1',
  '/v1/payouts?created_after=2026-W01-1',
  '/v1/payments?colour=red',
  '/v1/payments?expand[]=customer',
  '/v1/payments?reference=a&reference=b',
  '/v1/payments?reference=a%00b',
  '/v1/payments?gateway_reference=%00',
  '/v1/ledger/accounts?limit=0',
  '/v1/ledger/accounts?starting_after=nonsense',
  '/v1/webhook_endpoints?starting_after=nonsense',
  '/v1/events?starting_after=nonsense',
  '/v1/events?type=payment.exploded',
];
