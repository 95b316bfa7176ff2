/** Each way in which an uploaded file is wrong: it is refused, with the place in plain English, or read right; never half. */
import { gzipSync } from 'node:zlib';
import { readBankCsv, readGatewayCsv, SHIPPED_GATEWAY_MAPPINGS } from './index.js';
import { MAX_PROBLEMS } from './limits.js';
import { FileRefused } from './file-refused.js';
import { bankMapping, file, gatewayMapping, HEADER, row } from './testing/mappings.js';
import { pieces, problemsOf, readAll, textSource } from './testing/read-all.js';

const plain = gatewayMapping();

const read = (text: string, mapping = plain) => readAll(readGatewayCsv(textSource(text), mapping));
const problems = (text: string, mapping = plain) => problemsOf(readGatewayCsv(textSource(text), mapping));
const problemsOfBytes = (bytes: Uint8Array, mapping = plain) => problemsOf(readGatewayCsv(pieces(bytes), mapping));

describe('a file that is no CSV', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'empty'],
    ['only spaces and line ends', Buffer.from(' \r\n \n'), 'empty'],
    ['a workbook called .csv', Buffer.from('504b030414000600080000002100', 'hex'), 'not_text'],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), 'not_text'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'not_text'],
    ['a gzip', gzipSync(file(row())), 'not_text'],
    ['a picture', Buffer.from('89504e470d0a1a0a', 'hex'), 'not_text'],
    ['a web page', Buffer.from('<!DOCTYPE html><html><body>Sign in</body></html>'), 'other_format'],
    [
      'a sheet saved as a web page',
      Buffer.from('<html xmlns:x="urn:schemas"><table><tr><td>1</td></tr></table></html>'),
      'other_format',
    ],
    ['XML', Buffer.from('<?xml version="1.0"?><Document/>'), 'other_format'],
    ['JSON', Buffer.from('[{"id": 1}]'), 'other_format'],
    ['bytes of no kind', Buffer.from([1, 2, 3, 0, 250, 9, 8, 7]), 'control_character'],
  ])('refuses %s', async (_, bytes, code) => {
    const found = await problemsOfBytes(bytes);
    expect(found[0]).toMatchObject({ code });
    expect(found[0]?.message).toMatch(/^[A-Z].*\.$/);
  });

  it('refuses one that is larger than may be', async () => {
    const endless = async function* () {
      yield Buffer.from(file());
      // Blank lines: nothing is kept of them, so only the bytes can end it.
      const chunk = Buffer.from(`${' '.repeat(60_000)}\n`.repeat(70));
      for (;;) yield chunk;
    };
    expect(await problemsOf(readGatewayCsv(endless(), plain))).toEqual([
      expect.objectContaining({ code: 'too_large' }),
    ]);
  }, 60_000);
});

describe('the header', () => {
  it('names every column that is missing, and what stands there instead', async () => {
    const found = await problems('Id,Ref,Kind,Status,Total,Currency,Time\nT1,r,charge,ok,5,NGN,2026-01-31 10:00:00\n');
    expect(found.map(({ code, column }) => [code, column])).toEqual([
      ['column_missing', 'Reference'],
      ['column_missing', 'Amount'],
    ]);
    expect(found[1]?.message).toBe(
      'No column for the amount: none is called "Amount". The closest to a header is line 1: Id, Ref, Kind, Status, Total, Currency, Time.',
    );
  });

  it('refuses a header that stands twice over a column that is used, and no other', async () => {
    const twice = `${HEADER},Amount\n${row()},7\n`;
    expect(await problems(twice)).toEqual([
      {
        code: 'column_twice',
        line: 1,
        column: 'Amount',
        message: 'Line 1: the header "Amount", which should hold the amount, stands over columns 5 and 13.',
      },
    ]);
    expect((await read(`${HEADER},Other,Other\n${row()},1,2\n`)).lines).toHaveLength(1);
  });

  it('is found below a preamble, in any spelling and order', async () => {
    const text =
      'Merchant: Ama "Shoes" Ltd\nPeriod;from;to\n\nCURRENCY,time,  kind ,STATUS,Amount_,ré-fer ence,ID,FEE\nNGN,2026-01-31 10:00:00,Charge,OK,1500.00,order-1,T1,\n';
    const { lines } = await read(text);
    expect(lines).toEqual([
      expect.objectContaining({
        line: 5,
        id: 'T1',
        reference: 'order-1',
        amountMinor: 150_000n,
        feeMinor: null,
        netMinor: null,
      }),
    ]);
  });

  it('may be left out where the mapping goes by place', async () => {
    const mapping = gatewayMapping({
      header: 'none',
      columns: { id: { position: 1 }, reference: { position: 2 } },
      handles: {},
      kind: { constant: 'charge' },
      status: { constant: 'succeeded' },
      amount: { from: 'column', column: { position: 3 } },
      fee: undefined,
      net: undefined,
      currency: { constant: 'GHS' },
      time: { columns: [{ position: 4 }], formats: ['yyyy-MM-dd'], zone: 'Africa/Accra', dateOnly: 'start_of_day' },
    });
    const { lines } = await read('T1;order-1;5.00;2026-01-31\nT2;order-2;6.00;2026-01-31\n', mapping);
    expect(lines.map(({ id, amountMinor }) => [id, amountMinor])).toEqual([
      ['T1', 500n],
      ['T2', 600n],
    ]);
    expect(await problems('T1;order-1;5.00\n', mapping)).toEqual([
      expect.objectContaining({ code: 'column_missing', column: 'column 4' }),
    ]);
  });

  it('may be repeated where exports were put one below the other', async () => {
    const { lines, summary } = await read(file(row(), HEADER, row({ Id: 'T2' })));
    expect([lines.length, summary.ignored]).toEqual([2, 1]);
  });
});

describe('what a row holds', () => {
  it.each<[string, Partial<Record<string, string>>, string, string, string]>([
    ['a decimal comma', { Amount: '"1500,00"' }, 'amount', 'Amount', 'is not an amount with a decimal point'],
    [
      'thousands or three decimals',
      { Amount: '1.500' },
      'decimals',
      'Amount',
      'may be thousands or have three decimals',
    ],
    [
      'more decimals than the currency has',
      { Amount: '1500.50', Fee: '', Net: '', Currency: 'XOF' },
      'decimals',
      'Amount',
      'has more decimals than XOF, which has no decimals',
    ],
    ['an amount beyond all range', { Amount: '90071992547409.92' }, 'amount_too_large', 'Amount', 'beyond any amount'],
    ['an amount below zero where there is none', { Amount: '-5.00' }, 'sign', 'Amount', 'is below zero'],
    ['an amount that is a formula', { Amount: '=1+1' }, 'amount', 'Amount', 'is a formula'],
    ['an amount that a spreadsheet shortened', { Amount: '1.5E+9' }, 'amount', 'Amount', 'lost its digits'],
    ['no amount', { Amount: '' }, 'value_missing', 'Amount', 'is empty: no amount'],
    ['an id that a spreadsheet shortened', { Id: '4.09926E+09' }, 'value_damaged', 'Id', 'lost its digits'],
    ['an id beyond all measure', { Id: 'x'.repeat(256) }, 'cell_too_long', 'Id', 'is longer than the 255 characters'],
    ['a fee that is no amount', { Fee: 'free' }, 'amount', 'Fee', 'is not an amount'],
    ['an unknown currency', { Currency: 'JPY' }, 'currency', 'Currency', 'is not a currency that is booked here'],
    ['no currency', { Currency: '' }, 'value_missing', 'Currency', 'no currency'],
    ['an unknown status', { Status: 'maybe' }, 'value_unknown', 'Status', 'is not a status that the mapping knows'],
    ['an unknown kind', { Kind: 'gift' }, 'value_unknown', 'Kind', 'is not a kind of transaction'],
    [
      'a time of another form',
      { Time: '31/01/2026 10:00' },
      'time',
      'Time',
      'is not a time in the form yyyy-MM-dd HH:mm:ss',
    ],
    ['a time of another zone', { Time: '2026-01-31 10:00:00+01:00' }, 'time', 'Time', 'is not a time in the form'],
    ['a day that is none', { Time: '2026-02-30 10:00:00' }, 'time', 'Time', 'is not a time in the form'],
    ['no time', { Time: '' }, 'value_missing', 'Time', 'is empty: no time'],
    [
      'neither id nor reference',
      { Id: '', Reference: '' },
      'value_missing',
      'Reference',
      'nothing says which transaction',
    ],
  ])('is refused for %s, with line and column', async (_, changes, code, column, text) => {
    const found = await problems(file(row({ Id: 'T0' }), row(changes)));
    expect(found).toEqual([expect.objectContaining({ code, line: 3, column })]);
    expect(found[0]?.message).toMatch(new RegExp(`^Line 3, ${column}: .*\\.$`));
    expect(found[0]?.message).toContain(text);
  });

  it('tells of everything at once, up to a hundred problems, and gives no line of such a file at the end', async () => {
    const bad = Array.from({ length: 5 }, (_, at) => row({ Id: `T${at}`, Amount: 'x', Time: 'y' }));
    expect((await problems(file(...bad))).map(({ line, column }) => [line, column])).toEqual(
      [2, 3, 4, 5, 6].flatMap((line) => [
        [line, 'Time'],
        [line, 'Amount'],
      ]),
    );
    const worse = Array.from({ length: 200 }, (_, at) => row({ Id: `T${at}`, Amount: 'x' }));
    const steps = readGatewayCsv(textSource(file(...worse)), plain);
    const refusal = await readAll(steps).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FileRefused);
    expect(refusal).toMatchObject({ more: true, problems: { length: MAX_PROBLEMS } });
  });

  it('is not judged when the mapping leaves it out', async () => {
    const mapping = gatewayMapping({ ignore: [[{ column: ['Note'], is: 'beginning_with', values: ['Total'] }]] });
    const { lines, summary } = await read(
      file(
        row(),
        row({ Status: 'draft', Amount: '', Time: '' }),
        row({ Kind: 'skipped', Currency: '' }),
        'x,,,,,,,,,,,TOTAL of all',
        '',
        ',,,,,,,,,,,',
      ),
      mapping,
    );
    expect([lines.length, summary.ignored]).toEqual([1, 3]);
  });

  it('keeps formulas as text, and takes the zeros back out of ="007"', async () => {
    const { lines, summary } = await read(
      file(row({ Id: '="007"', Reference: '+1-2', Note: '=HYPERLINK(x)', Session: '@a' })),
    );
    expect(lines[0]).toMatchObject({
      id: '007',
      reference: '+1-2',
      description: '=HYPERLINK(x)',
      handles: { session: '@a' },
    });
    expect(summary.notices).toEqual(['2 cells look like formulas; they were read as text.']);
  });
});

describe('rows that do not fit', () => {
  it('refuses one that is too short or too long', async () => {
    const found = await problems(file(row(), 'T2,order-2,charge', `${row({ Id: 'T3' })},more`));
    expect(found.map(({ code, line, message }) => [code, line, message])).toEqual([
      [
        'row_width',
        3,
        'Line 3 has 3 cells, the header 12: it was cut off, or a line end stands inside a cell without quotation marks.',
      ],
      ['row_width', 4, 'Line 4 has 13 cells, the header 12: a cell with a separator in it is not in quotation marks.'],
    ]);
  });

  it('does not mind separators behind the last column', async () => {
    expect((await read(`${HEADER},\n${row()}\n${row({ Id: 'T2' })},,\n`)).lines).toHaveLength(2);
  });

  it('refuses a quotation mark that is never closed, with the problems before it', async () => {
    const found = await problems(file(row({ Amount: 'x' }), row({ Note: '"shoes' }), row({ Id: 'T3' })));
    expect(found.map(({ code, line }) => [code, line])).toEqual([
      ['amount', 2],
      ['quotation', 3],
    ]);
  });
});

describe('the same line twice', () => {
  it('is counted once when it says the same, and reported', async () => {
    const { lines, summary } = await read(file(row(), row({ Id: 'T2' }), row({ Note: 'another text' })));
    expect(lines.map(({ id }) => id)).toEqual(['T1', 'T2']);
    expect(summary).toMatchObject({
      lines: 2,
      duplicates: 1,
      duplicateLines: [{ line: 4, firstLine: 2, id: 'T1' }],
      totals: [
        { currency: 'NGN', status: 'succeeded', lines: 2, creditMinor: 300_000n, debitMinor: 0n, feeMinor: 4_500n },
      ],
    });
  });

  it('is refused when it says something else', async () => {
    for (const changes of [
      { Amount: '1.00' },
      { Status: 'no' },
      { Time: '2026-01-31 10:00:01' },
      { Fee: '' },
      { Reference: 'r' },
      { Session: 'z' },
      { Kind: 'refund' },
    ]) {
      expect(await problems(file(row(), row(changes)))).toEqual([
        {
          code: 'duplicate',
          line: 3,
          column: null,
          message: 'Line 3 has the id of line 2 (T1), but says something else.',
        },
      ]);
    }
  });

  it('is two lines where the mapping tells them apart by kind', async () => {
    const mapping = gatewayMapping({ unique: 'id_and_kind' });
    expect((await read(file(row(), row({ Kind: 'refund' })), mapping)).lines.map(({ direction }) => direction)).toEqual(
      ['credit', 'debit'],
    );
  });
});

describe('a file that was cut off', () => {
  const totals = {
    totals: {
      when: [{ column: ['Id'], is: 'equal', values: ['total'] }],
      count: ['Reference'],
      amount: ['Amount'],
      fee: ['Fee'],
      required: true,
    },
  };
  const whole = file(
    row(),
    row({ Id: 'T2' }),
    row({
      Id: 'TOTAL',
      Reference: '2',
      Kind: '',
      Status: '',
      Amount: '"3,000.00"',
      Fee: '45',
      Net: '',
      Currency: '',
      Time: '',
    }),
  );

  it('is known by the count and the sums that it states', async () => {
    expect((await read(whole, gatewayMapping(totals))).lines).toHaveLength(2);
    const shorter = whole
      .split('\n')
      .filter((_, at) => at !== 2)
      .join('\n');
    expect(
      (await problems(shorter, gatewayMapping(totals))).map(({ code, line, message }) => [code, line, message]),
    ).toEqual([
      ['total', 3, 'Line 3, Reference: says 2 lines, but the file has 1.'],
      ['total', 3, 'Line 3, Amount: says 3000.00, but the lines add up to 1500.00 NGN.'],
      ['total', 3, 'Line 3, Fee: says 45.00, but the lines add up to 22.50 NGN.'],
    ]);
  });

  it('is known by the row of totals that it lacks', async () => {
    expect(await problems(file(row()), gatewayMapping(totals))).toEqual([expect.objectContaining({ code: 'cut_off' })]);
  });

  it('is never read as something else, wherever it was cut, once it has totals', async () => {
    for (let length = 0; length < whole.length - 1; length++) {
      const text = whole.slice(0, length);
      const outcome = await read(text, gatewayMapping(totals)).catch((error: unknown) => error);
      if (outcome instanceof FileRefused) continue;
      // What remains stated is still checked, so only the tail of the totals themselves can be missing.
      expect(outcome).toMatchObject({ lines: { length: 2 } });
    }
  });

  it('is told of when its last line has no end', async () => {
    expect((await read(file(row()).trimEnd())).summary.notices[0]).toContain('no line end');
    expect((await read(file(row()))).summary.notices).toEqual([]);
  });

  it('is refused inside a character', async () => {
    const bytes = Buffer.from(file(row({ Note: 'é€' }))).subarray(0, -2);
    expect((await problemsOfBytes(bytes))[0]).toMatchObject({ code: 'cut_off' });
  });
});

describe('a bank statement', () => {
  const header = 'Date,Value,Ref,Text,Debit,Credit,Balance\n';
  const good = `${header}01/02/2026,01/02/2026,R1,in,,100.00,600.00\n02/02/2026,02/02/2026,R2,out,50.00,,550.00\n02/02/2026,02/02/2026,R3,=fee,0.50,0.00,549.50\n`;
  const bankProblems = (text: string, mapping = bankMapping()) => problemsOf(readBankCsv(textSource(text), mapping));

  it('gives opening and closing from the balance behind each line', async () => {
    const { lines, summary } = await readAll(readBankCsv(textSource(good), bankMapping()));
    expect(lines.map(({ direction, amountMinor, bookedOn }) => [direction, amountMinor, bookedOn])).toEqual([
      ['credit', 10_000n, '2026-02-01'],
      ['debit', 5_000n, '2026-02-02'],
      ['debit', 50n, '2026-02-02'],
    ]);
    expect(lines[0]).not.toHaveProperty('balanceMinor');
    expect(summary.statements).toEqual([
      expect.objectContaining({
        openingMinor: 50_000n,
        closingMinor: 54_950n,
        creditMinor: 10_000n,
        debitMinor: 5_050n,
        bookedEntries: 3,
      }),
    ]);
  });

  it('reads the newest first as well', async () => {
    const [first = '', ...rows] = good.trimEnd().split('\n');
    const text = [first, ...rows.reverse(), ''].join('\n');
    const mapping = bankMapping({ balance: { column: ['Balance'], order: 'newest_first' } });
    const { summary } = await readAll(readBankCsv(textSource(text), mapping));
    expect(summary.statements).toEqual([
      expect.objectContaining({ openingMinor: 50_000n, closingMinor: 54_950n, openedOn: '2026-02-01' }),
    ]);
    expect((await bankProblems(text)).map(({ code }) => code)).toContain('balance');
  });

  it('is refused when a line is missing in between', async () => {
    const text = good
      .split('\n')
      .filter((_, at) => at !== 2)
      .join('\n');
    expect(await bankProblems(text)).toEqual([
      {
        code: 'balance',
        line: 3,
        column: null,
        message:
          'Line 3: the balance should be 599.50 after line 2, but is 549.50 GHS: a line is missing in between, or changed.',
      },
    ]);
  });

  it('is refused when a line is neither debit nor credit, or both, or has a sign', async () => {
    const of = (debit: string, credit: string) => bankProblems(`${header}01/02/2026,,R1,x,${debit},${credit},1.00\n`);
    expect((await of('', ''))[0]).toMatchObject({ code: 'value_missing', column: 'Credit' });
    expect((await of('1.00', '1.00'))[0]).toMatchObject({ code: 'amount', column: 'Credit' });
    expect((await of('-1.00', ''))[0]).toMatchObject({ code: 'sign', column: 'Debit' });
  });

  it('goes by marks and by signs where the mapping says so', async () => {
    const text = 'Date,Amount,Side\n01/02/2026,5.00,D\n01/02/2026,7.00,C\n';
    const common = { columns: {}, references: {}, valueOn: undefined, balance: undefined };
    const marked = bankMapping({
      ...common,
      amount: { from: 'column', column: ['Amount'], marker: { column: ['Side'], credit: ['C'], debit: ['D'] } },
    });
    const { lines } = await readAll(readBankCsv(textSource(text), marked));
    expect(lines.map(({ direction }) => direction)).toEqual(['debit', 'credit']);
    expect((await bankProblems(text.replace('C\n', 'X\n'), marked))[0]).toMatchObject({
      code: 'value_unknown',
      line: 3,
      column: 'Side',
    });
    const inverted = bankMapping({ ...common, amount: { from: 'column', column: ['Amount'], sign: 'inverted' } });
    const read = await readAll(
      readBankCsv(textSource('Date,Amount\n01/02/2026,-5.00\n01/02/2026,(7.00)\n01/02/2026,1.00\n'), inverted),
    );
    expect(read.lines.map(({ direction, amountMinor }) => [direction, amountMinor])).toEqual([
      ['credit', 500n],
      ['credit', 700n],
      ['debit', 100n],
    ]);
  });
});

describe('the source of the bytes', () => {
  it('may fail, and its own error comes through', async () => {
    const broken = async function* () {
      yield Buffer.from(file(row()));
      throw new Error('the connection was lost');
    };
    await expect(readAll(readGatewayCsv(broken(), plain))).rejects.toThrow('the connection was lost');
  });

  it('is closed when the file is refused, and when the reader stops', async () => {
    let closed = 0;
    const source = async function* () {
      try {
        for (let at = 0; ; at++)
          yield Buffer.from(at === 0 ? file() : `${row({ Id: `T${at}`, Amount: at === 3_000 ? 'x' : '1' })}\n`);
      } finally {
        closed += 1;
      }
    };
    for await (const __ of readGatewayCsv(source(), plain)) break;
    expect(closed).toBe(1);
    await problemsOf(readGatewayCsv(source(), gatewayMapping({ columns: { id: ['Nowhere'] } })));
    expect(closed).toBe(2);
  });

  it('gives the same checksum for the same bytes, whatever they are cut into', async () => {
    const bytes = Buffer.from(file(row()));
    const sums = await Promise.all(
      [1, 7, 1_000].map(async (size) => (await readAll(readGatewayCsv(pieces(bytes, size), plain))).summary.sha256),
    );
    expect(new Set(sums).size).toBe(1);
    expect(sums[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is judged by what it holds: every shipped mapping refuses the export of nobody', async () => {
    for (const mapping of SHIPPED_GATEWAY_MAPPINGS) {
      expect((await problems('a,b\n1,2\n', mapping)).every(({ code }) => code === 'column_missing')).toBe(true);
    }
  });
});
