import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { FileRefused, inspectFile, SHIPPED_BANK_MAPPINGS, SHIPPED_GATEWAY_MAPPINGS } from './index.js';
import { file, gatewayMapping, row } from './testing/mappings.js';
import { pieces, textSource } from './testing/read-all.js';

const shipped = [...SHIPPED_GATEWAY_MAPPINGS, ...SHIPPED_BANK_MAPPINGS];
const golden = (name: string) => pieces(readFileSync(new URL(`golden/${name}`, import.meta.url)), 100);

describe('the first look at a file', () => {
  it.each(shipped.map(({ id }) => id))('knows an export of %s from all others', async (id) => {
    const inspection = await inspectFile(golden(`${id}.csv`), { mappings: shipped });
    expect(inspection).toMatchObject({ format: 'csv', mapping: id, problems: [] });
    expect(inspection.fits).toHaveLength(shipped.length);
    expect(inspection.rows.filter(({ problems }) => problems.length > 0)).toEqual([]);
  });

  it('shows each row with what it means and what is wrong about it, and goes on behind a wrong one', async () => {
    const mapping = gatewayMapping({ ignore: [[{ column: ['Note'], is: 'equal', values: ['Total'] }]] });
    const text = file(
      row(),
      row({ Id: 'T2', Amount: '1,5', Time: '?' }).replace('1,5', '"1,5"'),
      row({ Note: 'total' }),
      row({ Id: 'T4' }),
    );
    const {
      rows,
      encoding,
      delimiter,
      headerLine,
      mapping: used,
    } = await inspectFile(textSource(text), { mappings: [mapping], rows: 3 });
    expect({ encoding, delimiter, headerLine, used }).toEqual({
      encoding: 'utf-8',
      delimiter: ',',
      headerLine: 1,
      used: 'plain',
    });
    expect(
      rows.map(({ line, parsed, isIgnored, problems }) => [
        line,
        parsed?.amountMinor,
        isIgnored,
        problems.map(({ column }) => column),
      ]),
    ).toEqual([
      [2, 150_000n, false, []],
      [3, undefined, false, ['Time', 'Amount']],
      [4, undefined, true, []],
    ]);
    expect(rows[1]?.cells[4]).toBe('1,5');
  });

  it('shows the rows as they stand when no mapping reads them, with what is missing', async () => {
    const inspection = await inspectFile(textSource('Name;Sum\nAma;5,00\n'), { mappings: [gatewayMapping()] });
    expect(inspection.mapping).toBeNull();
    expect(inspection.problems.map(({ code }) => code)).toContain('column_missing');
    expect(inspection.rows.map(({ cells }) => cells)).toEqual([
      ['Name', 'Sum'],
      ['Ama', '5,00'],
    ]);
  });

  it('shows the first entries of a camt.053, and what is wrong with it', async () => {
    const good = await inspectFile(golden('camt053-08.xml'), { mappings: shipped });
    expect(good).toMatchObject({ format: 'camt053', encoding: 'utf-8', problems: [], rows: { length: 2 } });
    expect(good.rows[0]?.parsed).toMatchObject({ amountMinor: 14_775_000n, currency: 'GHS' });
    const bad = await inspectFile(textSource('<Document><BkToCstmrAcctRpt/></Document>'), { mappings: shipped });
    expect(bad.problems).toEqual([expect.objectContaining({ code: 'other_format' })]);
  });

  it('reads the head alone, and closes the upload', async () => {
    let given = 0;
    let isClosed = false;
    const source = async function* () {
      try {
        yield Buffer.from(file());
        for (;;) {
          given += 1;
          yield Buffer.from(`${row({ Id: `T${given}` })}\n`.repeat(100));
        }
      } finally {
        isClosed = true;
      }
    };
    const { rows } = await inspectFile(source(), { mappings: [gatewayMapping()] });
    expect(rows).toHaveLength(20);
    expect(given).toBeLessThan(20);
    expect(isClosed).toBe(true);
  });

  it('never ends in anything but an inspection or a refusal, whatever the bytes', async () => {
    const unit = fc.constantFrom(
      'Id',
      'Date',
      'Amount',
      'Status',
      ',',
      ';',
      '"',
      '\n',
      '<',
      '>',
      '<?xml?>',
      'Document',
      '\0',
      'é',
      '{',
      '5',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.string({ unit, maxLength: 30 }).map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        const outcome: unknown = await inspectFile(pieces(given), { mappings: shipped }).catch(
          (error: unknown) => error,
        );
        if (!(outcome instanceof FileRefused)) expect(outcome).toHaveProperty('rows');
      }),
      { numRuns: 500 },
    );
  });
});
