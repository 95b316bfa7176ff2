import fc from 'fast-check';
import { CsvRecords } from './csv-records.js';
import { neutralised, writeCsv, type CsvValue } from '../../../../kernel/csv/write-csv.js';

async function textOf(
  header: readonly string[],
  rows: readonly (readonly CsvValue[])[],
  options = {},
): Promise<string> {
  let text = '';
  for await (const piece of writeCsv(header, rows, options)) text += piece;
  return text;
}

describe('writing CSV', () => {
  it('ends lines with CRLF, quotes what needs it, and writes values without a float or a local time', async () => {
    const rows = [
      ['a,b', 150_000n, 2, true, null, new Date('2026-01-31T10:00:00Z')],
      ['say "yes"', -5n, -2.5, false, undefined, 'two\nlines'],
    ];
    expect(await textOf(['t', 'b', 'n', 'f', 'x', 'd'], rows)).toBe(
      't,b,n,f,x,d\r\n"a,b",150000,2,true,,2026-01-31T10:00:00.000Z\r\n"say ""yes""",-5,-2.5,false,,"two\nlines"\r\n',
    );
  });

  it('writes a byte order mark and another delimiter when asked', async () => {
    expect(await textOf(['a', 'b'], [['1;2', '3,4']], { byteOrderMark: true, delimiter: ';' })).toBe(
      '\ufeffa;b\r\n"1;2";3,4\r\n',
    );
  });

  it.each([
    '=1+1',
    '+1+1',
    '-1+1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    ' =1',
    '\uff1d1',
    '=HYPERLINK("http://x")',
    '-cmd',
    '+',
    '-',
  ])('takes the formula out of %p', async (text) => {
    expect(neutralised(text)).toBe(`'${text}`);
    const [, written = ''] = (await textOf(['a'], [[text]])).split('\r\n');
    expect(written.replace(/^"/, '').startsWith("'")).toBe(true);
  });

  it.each(['-5', '-1500.00', '+233241234567', '0', 'plain', "it's", '1-2', 'a=b', ''])('leaves %p as it is', (text) => {
    expect(neutralised(text)).toBe(text);
  });

  it('refuses a row that is not as wide as the header', async () => {
    await expect(textOf(['a', 'b'], [['1']])).rejects.toThrow(RangeError);
  });

  it('takes rows only as they are asked for', async () => {
    let made = 0;
    const rows = function* () {
      for (;;) {
        made += 1;
        yield ['x'.repeat(100)];
      }
    };
    const pieces = writeCsv(['a'], rows());
    await pieces.next();
    expect(made).toBeLessThan(1_000);
    await pieces.return(undefined);
  });

  it('is read back as it was written, formulas with their apostrophe', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ',', ';', '"', '\n', '\r', '\t', ' ', '=', '-', '5', 'é'),
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, text), { maxLength: 5 }),
        fc.constantFrom(',', ';', '\t'),
        async (rows, delimiter) => {
          const written = await textOf(['one', 'two'], rows, { delimiter });
          const records = new CsvRecords(delimiter);
          const read = [...records.push(written), ...records.end()].map(({ cells }) => cells);
          expect(read).toEqual([['one', 'two'], ...rows.map((row) => row.map(neutralised))]);
        },
      ),
    );
  });
});
