import 'reflect-metadata';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { propertiesOf } from '../../../kernel/http/openapi-schemas.js';
import { rowErrors, validateBody } from '../../../kernel/http/dto-validator.js';
import { CURRENCIES } from '../../../kernel/money/money.js';
import { CreatePayoutBatchDto, CreatePayoutDto } from './create-payout.dto.js';
import { NOT_SUPPORTED, readDestination } from './destination-rules.js';
import { MAX_ERRORS, readRows } from './read-rows.js';

const WALLET = { type: 'mobile_money', network: 'mtn', phone: '+233241234567', name: 'Ama' };
const row = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  amount: 100,
  currency: 'GHS',
  reference: 'r-1',
  destination: WALLET,
  ...change,
});

describe('a row of a batch', () => {
  it('is judged as a payout by itself, at its own pointer', () => {
    expect(rowErrors(CreatePayoutDto, row(), '/payouts/3')).toEqual([]);
    for (const change of [{ amount: 0 }, { currency: 'USD' }, { destination: 1 }, { x: 1 }, { metadata: [] }]) {
      const [field] = Object.keys(change);
      expect(() => validateBody(CreatePayoutDto, row(change))).toThrow(DomainError);
      expect(rowErrors(CreatePayoutDto, row(change), '/payouts/3')).toEqual([
        expect.objectContaining({ pointer: `/payouts/3/${field}` }),
      ]);
    }
    for (const none of [null, 1, 'row', []])
      expect(rowErrors(CreatePayoutDto, none, '/payouts/3')).toEqual([{ pointer: '/payouts/3', code: 'is_object' }]);
  });

  it.each(['Ama', 'Kòfí Àṣà', 'আমা', 'عمر', "O'Neil-Ba 3", 'क्\u200dष', 'Société Générale, SA'])(
    'may be for %s',
    (name) => {
      expect(rowErrors(CreatePayoutDto, row({ destination: { ...WALLET, name } }), '')).toEqual([]);
    },
  );

  it.each([
    ['spaces', '   '],
    ['a non-breaking space', '\u00a0'],
    ['a mark that turns the direction', 'Ama \u202ehasnaM'],
    ['an isolate', '\u2066Ama\u2069'],
    ['nothing that is seen', '\u200b\u2060'],
    ['a line break', 'Ama\nMensah'],
    ['punctuation alone', '- -'],
    ['a long text with a mark at its end', `${'a'.repeat(190)}\u202e`],
  ])('is refused whose name holds %s', (_, name) => {
    expect(rowErrors(CreatePayoutDto, row({ destination: { ...WALLET, name } }), '/payouts/3')).toMatchObject([
      { pointer: '/payouts/3/destination/name' },
    ]);
  });

  it('may not have the reference of another', async () => {
    const { errors } = await readRows([row(), row({ reference: 'r-2' }), row()]);
    expect(errors).toMatchObject([{ pointer: '/payouts/2/reference', code: 'duplicate_reference' }]);
  });

  it('is told of only as long as anybody reads it', async () => {
    const { errors } = await readRows(Array.from({ length: 300 }, () => ({})));
    expect(errors).toHaveLength(MAX_ERRORS);
  });

  it('is described where the batch is', () => {
    const payouts = propertiesOf(CreatePayoutBatchDto).find(({ name }) => name === 'payouts');
    expect(payouts?.schema).toMatchObject({
      type: 'array',
      minItems: 1,
      maxItems: 10_000,
      items: { type: 'object', required: ['amount', 'currency', 'reference', 'destination'] },
    });
  });
});

describe('a destination', () => {
  const codes = (given: Parameters<typeof readDestination>[0], currency: (typeof CURRENCIES)[number]): unknown =>
    readDestination(given, currency, '/d').errors?.map(({ pointer, code }) => `${pointer} ${code}`);

  it('has the fields of its kind, all of them and no others', () => {
    expect(readDestination(WALLET, 'GHS', '/d')).toEqual({ destination: WALLET });
    expect(codes({ type: 'mobile_money' }, 'GHS')).toEqual([
      '/d/network required',
      '/d/phone required',
      '/d/name required',
    ]);
    expect(codes({ ...WALLET, bank_code: '1' }, 'GHS')).toEqual(['/d/bank_code unknown_field']);
    expect(codes({ type: 'cash' }, 'GHS')).toEqual(['/d/type is_in']);
  });

  it('is a wallet where the currency is, and no other', () => {
    expect(codes(WALLET, 'XOF')).toEqual(['/d/phone wrong_country']);
    expect(codes(WALLET, 'NGN')).toEqual([`/d/network ${NOT_SUPPORTED}`]);
    expect(codes({ ...WALLET, network: 'wave', phone: '+221770000000' }, 'XOF')).toBeUndefined();
  });

  it('is a bank account in naira and cedi alone', () => {
    const bank = { type: 'bank_account', bank_code: '058', account_number: '0123456789', name: 'Ada' };
    for (const currency of CURRENCIES) {
      const expected =
        currency === 'NGN' ? undefined : currency === 'GHS' ? ['/d/bank_code matches'] : [`/d/type ${NOT_SUPPORTED}`];
      expect(codes(bank, currency)).toEqual(expected);
    }
    expect(codes({ ...bank, bank_code: 'GH130100' }, 'GHS')).toBeUndefined();
    expect(codes({ ...bank, account_number: '12345' }, 'NGN')).toEqual(['/d/account_number matches']);
  });
});
