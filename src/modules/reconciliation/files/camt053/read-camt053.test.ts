import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { FileRefused } from '../file-refused.js';
import { MAX_CELL_LENGTH, MAX_XML_DEPTH, MAX_XML_TOKEN_LENGTH } from '../limits.js';
import { pieces, problemsOf, readAll, textSource } from '../testing/read-all.js';
import { readCamt053 } from './read-camt053.js';

const golden = (name: string) => readFileSync(new URL(`../golden/${name}`, import.meta.url));

const read = (text: string) => readAll(readCamt053(textSource(text)));
const problems = (text: string) => problemsOf(readCamt053(textSource(text)));

interface Parts {
  namespace?: string;
  balances?: string;
  entries?: string;
  summary?: string;
  prolog?: string;
}

const balance = (code: string, amount: string, indicator = 'CRDT', currency = 'GHS') =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${indicator}</CdtDbtInd><Dt><Dt>2026-01-31</Dt></Dt></Bal>\n`;
const entry = (amount: string, indicator: string, inside = '', status = '<Cd>BOOK</Cd>', currency = 'GHS') =>
  `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${indicator}</CdtDbtInd><Sts>${status}</Sts><BookgDt><Dt>2026-01-31</Dt></BookgDt>${inside}</Ntry>\n`;

function statement(parts: Parts = {}): string {
  const {
    prolog = '<?xml version="1.0" encoding="UTF-8"?>\n',
    namespace = ' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"',
    balances = balance('OPBD', '100.00') + balance('CLBD', '130.00'),
    entries = entry('50.00', 'CRDT') + entry('20.00', 'DBIT'),
    summary = '',
  } = parts;
  return `${prolog}<Document${namespace}><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id><Acct><Id><IBAN>GH12BANK</IBAN></Id><Ccy>GHS</Ccy></Acct>\n${balances}${summary}${entries}</Stmt></BkToCstmrStmt></Document>`;
}

describe('statements in camt.053', () => {
  it('reads the same wherever the file is cut', async () => {
    const bytes = golden('camt053-06-prefixed.xml');
    const whole = await readAll(readCamt053(pieces(bytes)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), async (size) => {
        expect(await readAll(readCamt053(pieces(bytes, size)))).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it.each<[string, BufferEncoding, string]>([
    ['<?xml version="1.0" encoding="ISO-8859-1"?>', 'latin1', 'windows-1252'],
    ['<?xml version="1.0" encoding="UTF-8"?>', 'utf8', 'utf-8'],
    ['\ufeff<?xml version="1.0" encoding="UTF-16"?>', 'utf16le', 'utf-16le'],
    ['', 'utf8', 'utf-8'],
  ])('reads the encoding that %p declares', async (prolog, encoding, expected) => {
    const text = statement({ prolog, entries: entry('30.00', 'CRDT', '<AddtlNtryInf>é ü</AddtlNtryInf>') });
    const { lines, summary } = await readAll(readCamt053(pieces(Buffer.from(text, encoding), 5)));
    expect([lines[0]?.description, summary.encoding]).toEqual(['é ü', expected]);
  });

  it('takes a statement without a namespace, in an envelope, and with any prefix', async () => {
    expect((await read(statement({ namespace: '' }))).summary.format).toBe('camt.053');
    expect((await read(`<Envelope><Header/>${statement({ prolog: '' })}</Envelope>`)).lines).toHaveLength(2);
  });

  it('tells booked from pending and informative, and counts only what is booked', async () => {
    const entries =
      entry('30.00', 'CRDT') + entry('7.00', 'DBIT', '', 'PDNG') + entry('9.00', 'CRDT', '', '<Cd>INFO</Cd>');
    const { lines, summary } = await read(statement({ entries }));
    expect(lines.map(({ status }) => status)).toEqual(['booked', 'pending', 'information']);
    expect(summary.statements).toEqual([
      expect.objectContaining({ bookedEntries: 1, otherEntries: 2, openingMinor: 10_000n, closingMinor: 13_000n }),
    ]);
  });

  it('marks a reversal, whose direction is already its own', async () => {
    const entries = entry('30.00', 'CRDT', '<RvslInd>true</RvslInd>');
    expect((await read(statement({ entries }))).lines[0]).toMatchObject({ isReversal: true, direction: 'credit' });
  });

  it('opens with the balance of the statement before, below zero as well, and goes from page to page', async () => {
    const before = await read(statement({ balances: balance('PRCD', '10.00', 'DBIT') + balance('CLBD', '20.00') }));
    expect(before.summary.statements[0]).toMatchObject({ openingMinor: -1_000n, closingMinor: 2_000n });
    const page = await read(
      statement({ balances: balance('ITBD', '1.00') + balance('ITBD', '31.00') + balance('CLAV', '999.00') }),
    );
    expect(page.summary.statements[0]).toMatchObject({ openingMinor: 100n, closingMinor: 3_100n });
  });

  it('keeps the parts of a batch, in the currency of the account', async () => {
    const transaction = (id: string, amount: string, currency = 'GHS') =>
      `<TxDtls><Refs><EndToEndId>${id}</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="${currency}">${amount}</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>for</Ustrd><Ustrd>${id}</Ustrd></RmtInf></TxDtls>`;
    const batch = `<NtryDtls><Btch><PmtInfId>B1</PmtInfId></Btch>${transaction('e1', '10.00')}${transaction('NOTPROVIDED', '20.00')}</NtryDtls>`;
    const { lines } = await read(statement({ entries: entry('30.00', 'CRDT', batch) }));
    expect(lines[0]).toMatchObject({
      amountMinor: 3_000n,
      references: { batch_payment_information_id: 'B1' },
      parts: [
        { amountMinor: 1_000n, direction: 'credit', references: { end_to_end_id: 'e1' }, description: 'for e1' },
        { amountMinor: 2_000n, references: {} },
      ],
    });
    const abroad = `<NtryDtls>${transaction('e1', '2.00', 'USD')}${transaction('e2', '3.00', 'USD')}</NtryDtls>`;
    const foreign = await read(statement({ entries: entry('30.00', 'CRDT', abroad) }));
    expect(foreign.lines[0]?.parts.map(({ amountMinor }) => amountMinor)).toEqual([null, null]);
    const wrong = `<NtryDtls>${transaction('e1', '10.00')}${transaction('e2', '19.00')}</NtryDtls>`;
    expect((await problems(statement({ entries: entry('30.00', 'CRDT', wrong) })))[0]?.message).toContain(
      'its 2 transactions add up to 29.00, but the entry is 30.00 GHS',
    );
  });
});

describe('a statement that is wrong', () => {
  it('is refused when opening and entries do not make the closing balance, with what differs', async () => {
    expect(await problems(statement({ entries: entry('50.00', 'CRDT') }))).toEqual([
      {
        code: 'balance',
        line: 4,
        column: 'Bal',
        message:
          'Line 4, Bal: statement S1 opens with 100.00; its 1 booked entries (credits 50.00, debits 0.00) lead to 150.00, but it closes with 130.00 GHS, which differs by -20.00.',
      },
    ]);
  });

  it.each<[string, Parts, string, string]>([
    ['no opening balance', { balances: balance('CLBD', '130.00') }, 'balance', 'has no opening balance'],
    ['no closing balance', { balances: balance('OPBD', '100.00') }, 'balance', 'has no closing balance'],
    [
      'two closing balances',
      { balances: balance('OPBD', '100.00') + balance('CLBD', '130.00') + balance('CLBD', '130.00') },
      'balance',
      'two balances of kind CLBD',
    ],
    [
      'another opening than the last closing',
      { balances: balance('PRCD', '99.00') + balance('OPBD', '100.00') + balance('CLBD', '130.00') },
      'balance',
      'the one before closed with 99.00',
    ],
    [
      'a stated count',
      { summary: '<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries></TtlNtries></TxsSummry>' },
      'total',
      'TtlNtries of statement S1 says 3, but its booked entries make 2',
    ],
    [
      'a stated sum',
      { summary: '<TxsSummry><TtlDbtNtries><Sum>21</Sum></TtlDbtNtries></TxsSummry>' },
      'total',
      'says 21, but its booked entries make 20.00',
    ],
    ['an amount that is none', { entries: entry('1,5', 'CRDT') }, 'amount', '"1,5" is not an amount'],
    ['a negative amount', { entries: entry('-5', 'CRDT') }, 'amount', 'is not an amount'],
    ['too many decimals', { entries: entry('1.005', 'CRDT') }, 'decimals', 'more digits than GHS can have'],
    [
      'an amount beyond range',
      { entries: entry('99999999999999.99', 'CRDT') },
      'amount_too_large',
      'beyond any amount',
    ],
    [
      'another currency',
      { entries: entry('30.00', 'CRDT', '', 'BOOK', 'NGN') },
      'currency',
      'is in NGN, but the account is in GHS',
    ],
    [
      'an unknown currency',
      { entries: entry('30.00', 'CRDT', '', 'BOOK', 'EUR') },
      'currency',
      '"EUR" is not a currency that is booked here',
    ],
    ['no direction', { entries: entry('30.00', 'XXXX') }, 'value_unknown', 'neither credit nor debit'],
    ['an unknown status', { entries: entry('30.00', 'CRDT', '', 'WAIT') }, 'value_unknown', 'none of BOOK'],
    [
      'a date that is none',
      { entries: entry('30.00', 'CRDT', '<ValDt><Dt>2026-02-30</Dt></ValDt>') },
      'time',
      'is not a date',
    ],
    [
      'a reversal indicator that is none',
      { entries: entry('30.00', 'CRDT', '<RvslInd>maybe</RvslInd>') },
      'value_unknown',
      'neither true nor false',
    ],
  ])('is refused for %s', async (_, parts, code, text) => {
    const found = await problems(statement(parts));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ code });
    expect(found[0]?.message).toContain(text);
    expect(found[0]?.message).toMatch(/^Line \d+, \w+: .*\.$/);
  });

  it('is refused when its balances are in another currency than its account', async () => {
    const balances = balance('OPBD', '100.00', 'CRDT', 'NGN') + balance('CLBD', '100.00', 'CRDT', 'NGN');
    const found = await problems(statement({ balances, entries: '' }));
    expect(found.map(({ code, message }) => [code, message])).toEqual([
      ['currency', 'Line 3, Bal: is in NGN, but the account is in GHS.'],
    ]);
  });

  it('is refused for a reference that is longer than any', async () => {
    const inside = `<AcctSvcrRef>${'x'.repeat(256)}</AcctSvcrRef>`;
    const found = await problems(statement({ entries: entry('30.00', 'CRDT', inside) }));
    expect(found).toEqual([expect.objectContaining({ code: 'cell_too_long', column: 'AcctSvcrRef' })]);
  });

  it('is refused when it stands in the file twice', async () => {
    const text = statement();
    const inner = text.slice(text.indexOf('<Stmt>'), text.indexOf('</BkToCstmrStmt>'));
    expect((await problems(text.replace('</BkToCstmrStmt>', `${inner}</BkToCstmrStmt>`)))[0]).toMatchObject({
      code: 'duplicate',
    });
  });

  it.each([
    [
      'an intraday report',
      '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"><BkToCstmrAcctRpt/></Document>',
      'camt.052',
    ],
    ['a notification', '<Document><BkToCstmrDbtCdtNtfctn/></Document>', 'camt.054'],
    ['a payment order', '<Document><CstmrCdtTrfInitn/></Document>', 'pain.001'],
    [
      'another namespace',
      '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.99"><BkToCstmrStmt/></Document>',
      'not camt.053.001.02 to .13',
    ],
    ['other XML', '<svg><g/></svg>', 'it begins with svg'],
    [
      'a message without a statement',
      '<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>',
      'holds no statement',
    ],
    ['CSV', 'a,b\n1,2\n', 'not XML'],
    ['nothing', '', 'empty'],
    ['an encoding that is not read', '<?xml version="1.0" encoding="EBCDIC"?><Document/>', 'its encoding is ebcdic'],
  ])('is refused when it is %s', async (_, text, expected) => {
    expect((await problems(text))[0]?.message).toContain(expected);
  });

  it('is refused wherever it was cut off', async () => {
    const text = statement();
    for (let length = 1; length < text.length; length += 7) {
      const found = await problems(text.slice(0, length));
      expect(found.length).toBeGreaterThan(0);
    }
    expect(await problems(text.slice(0, text.indexOf('</Ntry>')))).toEqual([
      {
        code: 'cut_off',
        line: 5,
        column: null,
        message: 'Line 5: the file ends inside the element Ntry: it was cut off.',
      },
    ]);
  });

  it('is refused when the XML is broken, with the line', async () => {
    expect((await problems(statement({ entries: '<Ntry></Amt>' }))).at(-1)).toMatchObject({ code: 'xml', line: 5 });
    expect((await problems(statement({ entries: '&nosuch;' })))[0]).toMatchObject({ code: 'xml', line: 5 });
    expect((await problems(`${statement()}<again/>`))[0]).toMatchObject({ code: 'xml' });
  });
});

describe('XML made to do harm', () => {
  const bomb =
    '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>';

  it.each([
    ['entities that expand', bomb, '&c;'],
    ['entities that name files', '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', '&f;'],
    ['a document type that is fetched', '<!DOCTYPE Document SYSTEM "http://127.0.0.1:1/evil.dtd">', ''],
    ['parameter entities', '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>', ''],
  ])('is refused for %s before any of it counts', async (_, doctype, inside) => {
    const text = statement({
      prolog: `<?xml version="1.0"?>\n${doctype}`,
      entries: entry('30.00', 'CRDT', `<AddtlNtryInf>${inside}</AddtlNtryInf>`),
    });
    expect((await problems(text))[0]).toMatchObject({ code: 'xml_forbidden', line: 2 });
  });

  it('is refused when elements stand too deep inside each other', async () => {
    expect((await problems(`<Document>${'<a>'.repeat(MAX_XML_DEPTH)}`))[0]).toMatchObject({ code: 'xml_forbidden' });
    expect((await problems(`<Document>${'<a>'.repeat(200_000)}`))[0]).toMatchObject({ code: 'xml_forbidden' });
  });

  it.each([
    ['a text', '<AddtlNtryInf>'],
    ['a comment', '<!--'],
    ['a tag', '<x '],
    ['an attribute', '<x y="'],
    ['CDATA', '<![CDATA['],
    ['a document type', '<!DOCTYPE x ['],
  ])('is refused for %s without end', async (_, start) => {
    const endless = async function* () {
      yield Buffer.from(start.startsWith('<!DOC') ? start : `<Document><BkToCstmrStmt><Stmt><Ntry>${start}`);
      const filler = start.startsWith('<x ') ? 'a' : ' ';
      for (let size = 0; size < 4 * MAX_XML_TOKEN_LENGTH; size += 10_000) yield Buffer.from(filler.repeat(10_000));
    };
    const found = await problemsOf(readCamt053(endless()));
    expect(found[0]?.code).toBe('cell_too_long');
  });

  it('is refused for a text that is longer than any, in pieces or whole', async () => {
    const inside = `<AddtlNtryInf>${'x<!-- -->'.repeat(MAX_CELL_LENGTH + 1)}</AddtlNtryInf>`;
    expect((await problems(statement({ entries: entry('30.00', 'CRDT', inside) })))[0]).toMatchObject({
      code: 'cell_too_long',
      column: 'AddtlNtryInf',
    });
  });

  it('is refused for an entry of endless elements', async () => {
    expect((await problems(`<Document><BkToCstmrStmt><Stmt><Ntry>${'<a/>'.repeat(10_000)}`))[0]).toMatchObject({
      code: 'xml_forbidden',
    });
  });

  it('never ends in anything but a refusal', async () => {
    const unit = fc.constantFrom(
      '<',
      '>',
      '/',
      '"',
      '&',
      '!',
      '[',
      ']',
      '-',
      '?',
      'Document',
      'BkToCstmrStmt',
      'Stmt',
      'Ntry',
      'Amt',
      ' Ccy="GHS"',
      '1.00',
      '\n',
      'x:',
      ';',
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 60 }), async (text) => {
        const outcome = await read(`<${text}`).catch((error: unknown) => error);
        expect(outcome).toBeInstanceOf(FileRefused);
      }),
      { numRuns: 1_000 },
    );
  });
});
