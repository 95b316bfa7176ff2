import { Conditions } from './conditions.js';

describe('conditions of a query', () => {
  it('number the values that are asked for, wherever they stand', () => {
    const conditions = new Conditions()
      .where('a.merchant_id = ?', 'm')
      .where('a.code = ?', undefined)
      .where('(d = ? OR c = ?)', null)
      .and('c.merchant_id = $1');
    expect(conditions.place('elsewhere')).toBe('$3');
    expect(conditions.where('a.id < ?', 0).text).toBe(
      'a.merchant_id = $1 AND (d = $2 OR c = $2) AND c.merchant_id = $1 AND a.id < $4',
    );
    expect(conditions.values).toEqual(['m', null, 'elsewhere', 0]);
  });

  it('that always hold find nothing where their value is missing', () => {
    expect(new Conditions().always('merchant_id = ?', undefined)).toMatchObject({
      text: 'merchant_id = $1',
      values: [null],
    });
  });

  it('are of what begins with a text, in capitals or not', () => {
    expect(new Conditions().whereBegins('name_key', 'Ama').whereBegins('code', undefined)).toMatchObject({
      text: 'name_key >= lower($1::text) AND name_key < lower($1::text) || chr(1114111)',
      values: ['Ama'],
    });
  });

  it('hold for everything where there is none', () => {
    expect(new Conditions().where('a = ?', undefined)).toMatchObject({ text: 'true', values: [] });
  });
});
