import fc from 'fast-check';
import { exponentOf, toDecimal, type Currency } from '../../../../kernel/money/money.js';
import { FileRefused } from '../file-refused.js';
import { BATCH_LINES } from '../limits.js';
import { file, gatewayMapping, row } from '../testing/mappings.js';
import { pieces, readAll, textSource } from '../testing/read-all.js';
import { readGatewayCsv } from './read-csv.js';
import { writeCsv } from '../../../../kernel/csv/write-csv.js';

interface Sample {
  readonly id: string;
  readonly minor: bigint;
  readonly currency: Currency;
  readonly at: Date;
  readonly note: string;
}

const sample: fc.Arbitrary<Sample> = fc.record({
  id: fc.uuid(),
  minor: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
  currency: fc.constantFrom<Currency>('NGN', 'GHS', 'XOF', 'XAF', 'GNF'),
  at: fc
    .date({ min: new Date('2000-01-02T00:00:00Z'), max: new Date('2099-12-30T00:00:00Z'), noInvalidDate: true })
    .map((date) => new Date(Math.floor(date.getTime() / 1_000) * 1_000)),
  note: fc
    .string({ unit: fc.constantFrom('a', 'é', ',', ';', '"', '\n', ' ', '5'), maxLength: 10 })
    .map((text) => `n${text}n`),
});

const styles = {
  plain: (text: string) => text,
  english: (text: string) => text.replace(/\B(?=(\d{3})+(?=\.|$))/g, ','),
  french: (text: string) => text.replace('.', ',').replace(/\B(?=(\d{3})+(?=,|$))/g, '\u00a0'),
} as const;

function encoded(text: string, encoding: string): Buffer {
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  return Buffer.from(text, encoding === 'windows-1252' ? 'latin1' : 'utf8');
}

describe('reading CSV', () => {
  it('gives back what was written, in any encoding, delimiter and style of numbers, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(sample, { selector: ({ id }) => id, minLength: 1, maxLength: 8 }),
        fc.constantFrom(',' as const, ';' as const, '\t' as const),
        fc.constantFrom('utf-8', 'utf-16le', 'utf-16be', 'windows-1252'),
        fc.constantFrom<keyof typeof styles>('plain', 'english', 'french'),
        fc.boolean(),
        fc.integer({ min: 1, max: 200 }),
        async (samples, delimiter, encoding, style, byteOrderMark, size) => {
          const rows = samples.map(({ id, minor, currency, at, note }) => [
            id,
            'charge',
            'ok',
            styles[style](toDecimal(minor, exponentOf(currency))),
            currency,
            at.toISOString().slice(0, 19).replace('T', ' '),
            note,
          ]);
          let text = '';
          const header = ['Id', 'Kind', 'Status', 'Amount', 'Currency', 'Time', 'Note'];
          for await (const piece of writeCsv(header, rows, {
            delimiter,
            byteOrderMark: byteOrderMark && encoding !== 'windows-1252',
          }))
            text += piece;
          const mapping = gatewayMapping({
            columns: { id: ['id'], description: ['note'] },
            numbers: style === 'french' ? { decimal: 'comma', thousands: ['space'] } : {},
            // Of windows-1252 and UTF-8 only the first odd character decides, so in doubt the mapping says it.
            encoding: encoding === 'windows-1252' ? 'windows-1252' : 'auto',
          });
          const { lines } = await readAll(readGatewayCsv(pieces(encoded(text, encoding), size), mapping));
          expect(
            lines.map(({ id, amountMinor, currency, occurredAt, description }) => [
              id,
              amountMinor,
              currency,
              occurredAt,
              description,
            ]),
          ).toEqual(samples.map(({ id, minor, currency, at, note }) => [id, minor, currency, at, note]));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives batches as it reads, not all at the end', async () => {
    const rows = Array.from({ length: 2 * BATCH_LINES + 1 }, (_, at) => row({ Id: `T${at}` }));
    const sizes: number[] = [];
    for await (const step of readGatewayCsv(textSource(file(...rows)), gatewayMapping())) {
      sizes.push(step.type === 'lines' ? step.lines.length : -step.summary.lines);
    }
    expect(sizes).toEqual([BATCH_LINES, BATCH_LINES, 1, -(2 * BATCH_LINES + 1)]);
  });

  it('stops giving lines once something is wrong', async () => {
    const rows = Array.from({ length: 5 * BATCH_LINES }, (_, at) =>
      row({ Id: `T${at}`, Amount: at === BATCH_LINES + 5 ? 'x' : '1' }),
    );
    let given = 0;
    const reading = async () => {
      for await (const step of readGatewayCsv(textSource(file(...rows)), gatewayMapping()))
        if (step.type === 'lines') given += step.lines.length;
    };
    await expect(reading()).rejects.toThrow(FileRefused);
    expect(given).toBe(BATCH_LINES);
  });

  it('takes kinds, directions and signs as the mapping has them', async () => {
    const signed = gatewayMapping({
      amount: { from: 'column', column: ['Amount'], sign: 'signed' },
      kind: { bySign: { credit: 'charge', debit: 'payout' } },
    });
    const { lines } = await readAll(
      readGatewayCsv(textSource(file(row({ Amount: '5' }), row({ Id: 'T2', Amount: '-7' }))), signed),
    );
    expect(lines.map(({ kind, direction, amountMinor }) => [kind, direction, amountMinor])).toEqual([
      ['charge', 'credit', 500n],
      ['payout', 'debit', 700n],
    ]);
    const contradicting = gatewayMapping({ amount: { from: 'column', column: ['Amount'], sign: 'signed' } });
    await expect(readAll(readGatewayCsv(textSource(file(row({ Amount: '-5' }))), contradicting))).rejects.toMatchObject(
      {
        problems: [
          {
            code: 'sign',
            line: 2,
            column: 'Amount',
            message: 'Line 2, Amount: "-5" is a debit, but a charge never is.',
          },
        ],
      },
    );
  });

  it('joins a date and a time of day, and reads both in the zone that the mapping names', async () => {
    const mapping = gatewayMapping({
      time: { columns: [['Time'], ['Note']], formats: ['dd/MM/yyyy HH:mm'], zone: 'Africa/Lagos' },
    });
    const { lines } = await readAll(
      readGatewayCsv(textSource(file(row({ Time: '31/01/2026', Note: '00:30' }))), mapping),
    );
    expect(lines[0]?.occurredAt.toISOString()).toBe('2026-01-30T23:30:00.000Z');
  });

  it('leaves out lines at the top unread, and obeys a line that names the separator', async () => {
    const skipping = gatewayMapping({ skipLines: 2, header: 'first' });
    expect(
      (await readAll(readGatewayCsv(textSource(`a "broken\r\n"line\r\n${file(row())}`), skipping))).lines[0]?.line,
    ).toBe(4);
    for (const end of ['\n', '\r', '\r\n']) {
      const text = ['a "broken', 'line', ...file(row()).trimEnd().split('\n'), ''].join(end);
      const { lines } = await readAll(readGatewayCsv(pieces(Buffer.from(text), 1), skipping));
      expect(lines).toEqual([expect.objectContaining({ line: 4, id: 'T1' })]);
    }
    const told = await readAll(
      readGatewayCsv(textSource(`sep=;\r\n${file(row()).replaceAll(',', ';')}`), gatewayMapping()),
    );
    expect(told.lines[0]?.line).toBe(3);
  });

  it('never ends in anything but lines or a refusal, whatever the bytes', async () => {
    const unit = fc.constantFrom(
      'Id',
      'Reference',
      'Kind',
      'Status',
      'Amount',
      'Fee',
      'Net',
      'Currency',
      'Time',
      ',',
      ';',
      '"',
      '\n',
      '\r',
      '\t',
      '=',
      '-',
      '5.00',
      'NGN',
      '\0',
      'é',
      '<',
      '{',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit, maxLength: 40 }).map((text) => Buffer.from(text)),
      fc.string({ unit, maxLength: 40 }).map((text) => Buffer.from(file(row()) + text)),
      fc.string({ unit, maxLength: 40 }).map((text) => Buffer.from(file(row()) + text, 'latin1')),
      fc.string({ unit, maxLength: 40 }).map((text) => Buffer.from(`\ufeff${file(row())}${text}`, 'utf16le')),
    );
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), async (given, size) => {
        const outcome = await readAll(readGatewayCsv(pieces(given, size), gatewayMapping())).catch(
          (error: unknown) => error,
        );
        if (outcome instanceof FileRefused) {
          refusals += 1;
          expect(outcome.problems.length).toBeGreaterThan(0);
        } else {
          expect(outcome).toHaveProperty('summary');
          // What is read in pieces is read as a whole, and refused as a whole.
          expect(await readAll(readGatewayCsv(pieces(given), gatewayMapping()))).toEqual(outcome);
        }
      }),
      { numRuns: 1_500 },
    );
    expect(refusals).toBeGreaterThan(100);
  });
});
