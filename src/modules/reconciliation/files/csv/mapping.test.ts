import { bankMapping, gatewayMapping } from '../testing/mappings.js';
import { csvMappingSchema } from './mapping.js';
import { SHIPPED_BANK_MAPPINGS, SHIPPED_GATEWAY_MAPPINGS } from './mappings/index.js';

const messagesOf = (changes: object, base: object = gatewayMapping()) =>
  csvMappingSchema.safeParse({ ...base, ...changes }).error?.issues.map(({ message }) => message) ?? [];

describe('a mapping', () => {
  it('is data: each shipped one survives being saved and read again', () => {
    for (const mapping of [...SHIPPED_GATEWAY_MAPPINGS, ...SHIPPED_BANK_MAPPINGS]) {
      expect(csvMappingSchema.parse(JSON.parse(JSON.stringify(mapping)))).toEqual(mapping);
      expect(mapping.description).toMatch(/ocumented/);
    }
    expect(new Set(SHIPPED_GATEWAY_MAPPINGS.map(({ id }) => id)).size).toBe(7);
  });

  it.each<[string, object, string]>([
    ['names neither id nor reference', { columns: {}, unique: 'id' }, 'Lines need an id or a reference'],
    [
      'tells lines apart by a column that it lacks',
      { unique: 'reference', columns: { id: ['Id'] } },
      'Lines are told apart by a column that the mapping does not name',
    ],
    [
      'has no id that could be optional',
      { optional: 'id', columns: { id: ['Id'] } },
      'Of one column alone, none can be missing',
    ],
    [
      'takes the comma for two things',
      { numbers: { decimal: 'comma', thousands: ['comma'] } },
      'comma is both the decimal sign and between thousands',
    ],
    [
      'has decimals of a minor unit',
      { numbers: { decimal: 'comma', thousands: [], unit: 'minor' } },
      'Minor units have no decimals',
    ],
    [
      'goes by a sign that there is not',
      { kind: { bySign: { credit: 'charge', debit: 'refund' } } },
      'Unsigned amounts have no sign to go by',
    ],
    [
      'reads 01/02 as two days',
      { time: { columns: [['T']], formats: ['dd/MM/yyyy HH:mm', 'MM/dd/yyyy HH:mm'], zone: 'UTC' } },
      '01/02 would be two days: keep to day first or to month first',
    ],
    [
      'expects a zone that the format lacks',
      { time: { columns: [['T']], formats: ['yyyy-MM-dd HH:mm'], zone: 'in_text' } },
      'With the zone in_text every format needs XXX',
    ],
    [
      'names no zone',
      { time: { columns: [['T']], formats: ['yyyy-MM-dd HH:mm'], zone: 'Mars/Base' } },
      'No such time zone',
    ],
  ])('is refused when it %s', (_, changes, message) => {
    expect(messagesOf(changes)).toContain(message);
  });

  it('is refused when nothing says which way a bank line goes', () => {
    expect(messagesOf({ amount: { from: 'column', column: ['Amount'] } }, bankMapping())).toEqual([
      'Nothing says whether an amount is a credit or a debit',
    ]);
  });

  it('is refused with anything that it does not know', () => {
    expect(messagesOf({ sinns: 1 })).toHaveLength(1);
    expect(messagesOf({ formatVersion: 2 })).toHaveLength(1);
    expect(messagesOf({ currency: { constant: 'EUR' } })).toHaveLength(1);
    expect(messagesOf({ ignore: [[{ column: ['A'], is: 'matching', values: ['.*'] }]] })).toHaveLength(1);
  });
});
