import { LARGE_FILES_MB } from '../../../../test/support/large-files.js';
import { readCamt053, readGatewayCsv, SHIPPED_GATEWAY_MAPPINGS, type ReadStep } from './index.js';

const paystack = SHIPPED_GATEWAY_MAPPINGS[0];
const MB = 1024 * 1024;
const SIZE = LARGE_FILES_MB * MB;

/** A file made on the fly: it is never whole in memory, so growth is the reader's. */
async function* csvOf(bytes: number): AsyncGenerator<Buffer> {
  yield Buffer.from('Id,Reference,Status,Amount,Fees,Currency,Channel,Customer,Paid at\r\n');
  let at = 0;
  for (let size = 0; size < bytes;) {
    const rows: string[] = [];
    for (let row = 0; row < 500; row++) {
      at += 1;
      const second = String(at % 60).padStart(2, '0');
      rows.push(
        `${4_099_260_516 + at},order-2026-${at},success,"1,${String(at % 1000).padStart(3, '0')}.50",15.75,NGN,card,customer${at}@example.com,2026-01-31T10:11:${second}.000Z\r\n`,
      );
    }
    const chunk = Buffer.from(rows.join(''));
    size += chunk.length;
    yield chunk;
  }
}

async function* camtOf(bytes: number): AsyncGenerator<Buffer> {
  yield Buffer.from(
    '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S1</Id><Acct><Id><IBAN>GH00</IBAN></Id><Ccy>GHS</Ccy></Acct>' +
      '<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="GHS">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-30</Dt></Dt></Bal>',
  );
  const entry = (at: number) =>
    `<Ntry><NtryRef>${at}</NtryRef><Amt Ccy="GHS">1.25</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-31</Dt></BookgDt><ValDt><Dt>2026-01-31</Dt></ValDt>` +
    `<AcctSvcrRef>BANK${at}</AcctSvcrRef><BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>order-${at}</EndToEndId></Refs><RmtInf><Ustrd>payment for order ${at}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`;
  let at = 0;
  for (let size = 0; size < bytes;) {
    const entries: string[] = [];
    for (let count = 0; count < 100; count++) entries.push(entry((at += 1)));
    const chunk = Buffer.from(entries.join(''));
    size += chunk.length;
    yield chunk;
  }
  const minor = String(at * 125).padStart(3, '0');
  yield Buffer.from(
    `<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="GHS">${minor.slice(0, -2)}.${minor.slice(-2)}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-31</Dt></Dt></Bal></Stmt></BkToCstmrStmt></Document>`,
  );
}

async function measured<Line>(steps: AsyncIterable<ReadStep<Line>>) {
  const before = process.memoryUsage.rss();
  let most = before;
  let lines = 0;
  let bytes = 0;
  for await (const step of steps) {
    most = Math.max(most, process.memoryUsage.rss());
    if (step.type === 'lines') lines += step.lines.length;
    else ({ bytes } = step.summary);
  }
  return { grownMb: (most - before) / MB, lines, bytes };
}

describe('large files', () => {
  /** What an upload may cost a process beside what it has, with room for what the garbage collector has not got to. */
  const MOST_GROWN_MB = 150;
  const PATIENCE_MS = 300_000;

  it(
    'reads a large CSV in a bounded memory',
    async () => {
      const { grownMb, lines, bytes } = await measured(readGatewayCsv(csvOf(SIZE), paystack));
      expect(bytes).toBeGreaterThanOrEqual(SIZE);
      expect(lines).toBeGreaterThan(SIZE / 200);
      expect(grownMb).toBeLessThan(MOST_GROWN_MB);
    },
    PATIENCE_MS,
  );

  it(
    'reads a large camt.053 in a bounded memory',
    async () => {
      const { grownMb, lines, bytes } = await measured(readCamt053(camtOf(SIZE / 4)));
      expect(bytes).toBeGreaterThanOrEqual(SIZE / 4);
      expect(lines).toBeGreaterThan(SIZE / 4 / 1_000);
      expect(grownMb).toBeLessThan(MOST_GROWN_MB);
    },
    PATIENCE_MS,
  );
});
