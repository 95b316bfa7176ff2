import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { FileRefused } from '../file-refused.js';
import { MAX_CELL_LENGTH, MAX_COLUMNS } from '../limits.js';
import { CsvRecords } from './csv-records.js';

function recordsOf(text: string, delimiter = ',', piece = text.length) {
  const records = new CsvRecords(delimiter);
  const out = [];
  for (let at = 0; at < text.length; at += Math.max(1, piece))
    out.push(...records.push(text.slice(at, at + Math.max(1, piece))));
  return [...out, ...records.end()];
}

function refusalOf(text: string): FileRefused {
  try {
    recordsOf(text);
  } catch (error) {
    if (error instanceof FileRefused) return error;
    throw error;
  }
  throw new Error('It was read');
}

/** Cells of characters that matter to the format. */
const cell = fc.string({ unit: fc.constantFrom('a', 'é', ',', ';', '"', '\n', '\r', ' ', '=', "'"), maxLength: 8 });
const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });

function written(rows: readonly (readonly string[])[], delimiter: string, lineEnd: string): string {
  return rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter) + lineEnd).join('');
}

describe('rows of a CSV file', () => {
  it('reads back any table, wherever it is cut into pieces', () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.nat(7),
        (rows, delimiter, end, piece) => {
          const read = recordsOf(written(rows, delimiter, end), delimiter, piece);
          expect(read.map(({ cells }) => cells)).toEqual(rows);
        },
      ),
    );
  });

  it('reads what an established parser reads', () => {
    const anything = fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r\n'), maxLength: 30 });
    let compared = 0;
    fc.assert(
      fc.property(anything, (text) => {
        let theirs: string[][];
        try {
          theirs = parse(text, { record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true });
        } catch {
          // It refuses quotation marks inside plain cells, which are read here.
          return;
        }
        compared += 1;
        expect(recordsOf(text).map(({ cells }) => cells)).toEqual(theirs);
      }),
      { numRuns: 2_000 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it('knows on which line each row begins, with line ends inside cells and of all three kinds', () => {
    const read = recordsOf('a,b\r\n"1\r\n2\n3",x\n\nc,d\re,"f\rg"\r\nh');
    expect(read.map(({ line, cells }) => [line, cells])).toEqual([
      [1, ['a', 'b']],
      [2, ['1\r\n2\n3', 'x']],
      [5, ['']],
      [6, ['c', 'd']],
      [7, ['e', 'f\rg']],
      [9, ['h']],
    ]);
  });

  it('takes quotation marks inside a plain cell as they are, and spaces around a quoted one as nothing', () => {
    expect(recordsOf('5" pipe,="007", "a,b" ,"c"\n').map(({ cells }) => cells)).toEqual([
      ['5" pipe', '="007"', 'a,b', 'c'],
    ]);
  });

  it('says where a quotation mark was opened that is never closed', () => {
    const refusal = refusalOf('a,b\nc,"d\ne,f\n');
    expect(refusal.problems).toEqual([expect.objectContaining({ code: 'quotation', line: 2, column: 'column 2' })]);
  });

  it('refuses text behind a closing quotation mark', () => {
    expect(refusalOf('a,b\n"c"d,e\n').problems[0]).toMatchObject({ code: 'quotation', line: 2, column: 'column 1' });
  });

  it('refuses a cell and a row beyond all measure before it has them in memory', () => {
    expect(refusalOf(`a\n${'x'.repeat(MAX_CELL_LENGTH + 1)}`).problems[0]).toMatchObject({
      code: 'cell_too_long',
      line: 2,
    });
    expect(refusalOf(`a\n"${'x'.repeat(MAX_CELL_LENGTH + 1)}`).problems[0]).toMatchObject({
      code: 'quotation',
      line: 2,
    });
    expect(refusalOf(`a\n${','.repeat(MAX_COLUMNS)}\n`).problems[0]).toMatchObject({
      code: 'too_many_columns',
      line: 2,
    });
    expect(recordsOf('x'.repeat(MAX_CELL_LENGTH))).toHaveLength(1);
  });
});
