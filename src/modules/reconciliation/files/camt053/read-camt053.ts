/**
 * Reads bank statements in ISO 20022 camt.053 as a stream: batches of entries, then the summary, or FileRefused. A statement counts
 * only when opening balance and booked entries make its closing balance.
 */
import { MeteredBytes, open, type ByteSource } from '../bytes.js';
import { FileRefused, Problems, refused, type FileProblem } from '../file-refused.js';
import { refuseBinary, textFormatOf } from '../known-formats.js';
import { BATCH_LINES, MAX_LINES, MAX_STATEMENTS } from '../limits.js';
import type { BankLine, FileSummary, ReadStep, StatementSummary } from '../lines.js';
import { RunningTotals } from '../running-totals.js';
import { TextDecoding, type Encoding } from '../text-decoding.js';
import { PendingParts, readEntry } from './entry.js';
import { Statement } from './statement.js';
import { XmlElements, type XmlElement, type XmlHandler } from './xml-elements.js';

/** Messages that are taken for statements, by what stands below Document. */
const OTHERS: Readonly<Record<string, string>> = {
  BkToCstmrAcctRpt: 'an intraday report (camt.052), which is not final; ask the bank for the statement (camt.053)',
  BkToCstmrDbtCdtNtfctn:
    'a notification of single entries (camt.054), without balances; ask the bank for the statement (camt.053)',
  CstmrCdtTrfInitn: 'a payment order (pain.001), not a statement',
  CstmrPmtStsRpt: 'a status report (pain.002), not a statement',
};

/** Of those versions the parts that are read here are the same. */
const NAMESPACE = /camt\.053\.001\.(0[2-9]|1[0-3])$/;

/** @throws {FileRefused} while iterating; what the source throws passes through */
export async function* readCamt053(source: ByteSource): AsyncGenerator<ReadStep<BankLine>> {
  const metered = new MeteredBytes(source);
  const { head, all, close } = await open(metered.steps());
  try {
    const encoding = encodingOf(head);
    const decoding = new TextDecoding(head, encoding);
    const reading = new CamtReading();
    for await (const bytes of all) {
      reading.push(decoding.push(bytes));
      yield* reading.batches();
    }
    reading.push(decoding.end());
    reading.end();
    yield* reading.batches(1);
    yield { type: 'end', summary: reading.summary(metered, decoding.encoding) };
  } finally {
    await close();
  }
}

/**
 * By a byte order mark, else by what the XML declaration says, else UTF-8.
 * @throws {FileRefused} when it is no XML
 */
export function encodingOf(head: Buffer): Encoding {
  refuseBinary(head);
  const { encoding } = new TextDecoding(head);
  // The declaration is ASCII in every encoding that is read, and stands first.
  const start = head.subarray(0, 2_048);
  const text = (encoding === 'utf-16be' ? Buffer.from(start).swap16() : start)
    .toString(encoding.startsWith('utf-16') ? 'utf16le' : 'latin1')
    .replace(/^(\ufeff|\u00ef\u00bb\u00bf)/, '');
  if (text.trim() === '') throw refused('empty', 'The file has no text in it.');
  if (textFormatOf(text) !== 'xml')
    throw refused('other_format', 'The file is not XML, which a camt.053 statement is.');
  if (encoding.startsWith('utf-16')) return encoding;
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(text)?.[1]?.toLowerCase() ?? 'utf-8';
  if (['utf-8', 'utf8', 'us-ascii', 'ascii'].includes(declared)) return 'utf-8';
  if (['iso-8859-1', 'latin1', 'windows-1252', 'cp1252'].includes(declared)) return 'windows-1252';
  throw refused(
    'encoding',
    `The file says that its encoding is ${declared.slice(0, 40)}, which is not read; UTF-8 is.`,
    1,
  );
}

export class CamtReading implements XmlHandler {
  private readonly problems = new Problems();
  private readonly xml = new XmlElements(this);
  private readonly parts = new PendingParts();
  private readonly totals = new RunningTotals();
  private readonly statements: StatementSummary[] = [];
  private readonly statementIds = new Set<string>();
  private statement: Statement | undefined;
  private format: string | undefined;
  private root: string | undefined;
  private batch: BankLine[] = [];
  private lines = 0;

  /** @throws {FileRefused} */
  push(text: string): void {
    this.guarded(() => this.xml.push(text));
  }

  /** @throws {FileRefused} */
  end(): void {
    this.guarded(() => this.xml.end());
    if (this.format === undefined) {
      throw refused(
        'other_format',
        `The file is XML, but no camt.053 statement: it begins with ${(this.root ?? 'nothing').slice(0, 60)}.`,
      );
    }
    this.problems.throwIfAny();
    if (this.statements.length === 0) throw refused('statement', 'The message holds no statement (Stmt).');
  }

  *batches(least = BATCH_LINES): Generator<ReadStep<BankLine>> {
    // What is going to be refused need not be staged.
    if (this.problems.list.length > 0) this.batch = [];
    while (this.batch.length >= least) yield { type: 'lines', lines: this.batch.splice(0, BATCH_LINES) };
  }

  summary(metered: MeteredBytes, encoding: Encoding): FileSummary {
    return {
      format: this.format ?? 'camt.053',
      encoding,
      lines: this.lines,
      ignored: 0,
      duplicates: 0,
      duplicateLines: [],
      totals: this.totals.list(),
      statements: this.statements,
      bytes: metered.bytes,
      sha256: metered.sha256(),
      notices: this.lines === 0 ? ['The statement has no entries.'] : [],
    };
  }

  /** The entries read so far and what is wrong with them, for a preview. */
  soFar(): { readonly lines: readonly BankLine[]; readonly problems: readonly FileProblem[] } {
    return { lines: this.batch, problems: this.problems.list };
  }

  opened(element: XmlElement, parents: readonly string[]): boolean {
    this.root ??= element.name;
    const parent = parents.at(-1);
    if (parent === 'Document') this.message(element);
    if (parent === 'BkToCstmrStmt' && element.name === 'Stmt') {
      if (this.statements.length >= MAX_STATEMENTS)
        throw refused('statement', `The file has more than ${MAX_STATEMENTS} statements.`, element.line);
      this.statement = new Statement(element, this.problems);
    }
    if (this.statement === undefined) return false;
    // Transactions are handed over one by one: a batch may hold tens of thousands.
    const above = parents.at(-2);
    if (parent === 'Stmt') return above === 'BkToCstmrStmt';
    return element.name === 'TxDtls' && parent === 'NtryDtls' && above === 'Ntry';
  }

  collected(element: XmlElement): void {
    const { statement } = this;
    if (statement === undefined) return;
    if (element.name === 'TxDtls') this.parts.add(element, this.problems);
    else if (element.name === 'Ntry') this.entry(element, statement);
    else statement.part(element);
  }

  closed(name: string): void {
    if (name !== 'Stmt' || this.statement === undefined) return;
    const summary = this.statement.close();
    if (summary !== undefined) {
      this.statements.push(summary);
      this.refuseTwice(summary, this.statement);
    }
    this.statement = undefined;
  }

  private message(element: XmlElement): void {
    const other = OTHERS[element.name];
    if (other !== undefined) throw refused('other_format', `The file is ${other}.`, element.line);
    if (element.name !== 'BkToCstmrStmt') return;
    // Some banks leave the namespace out; one that is there must be right.
    const version = NAMESPACE.exec(element.namespace)?.[1];
    if (version === undefined && element.namespace !== '') {
      throw refused(
        'other_format',
        `Line ${element.line}: the namespace is ${element.namespace.slice(0, 100)}, not camt.053.001.02 to .13.`,
        element.line,
      );
    }
    this.format = version === undefined ? 'camt.053' : `camt.053.001.${version}`;
  }

  private entry(element: XmlElement, statement: Statement): void {
    const entry = readEntry(
      element,
      this.parts.take(),
      { account: statement.account, statementId: statement.id },
      this.problems,
    );
    if (entry === undefined) {
      statement.damaged = true;
      return;
    }
    statement.entry(entry);
    const { line } = entry;
    this.totals.add(line.currency, line.status, line.direction, line.amountMinor);
    this.batch.push(line);
    this.lines += 1;
    if (this.lines > MAX_LINES)
      throw refused('too_many_lines', `The file has more than ${MAX_LINES} entries.`, line.line);
  }

  /** The same statement twice in one file would be booked twice. */
  private refuseTwice(summary: StatementSummary, statement: Statement): void {
    if (summary.id === null) return;
    const key = JSON.stringify([summary.id, summary.account, summary.openedOn, summary.openingMinor.toString()]);
    if (this.statementIds.has(key)) {
      const message = `Line ${statement.element.line}: statement ${summary.id.slice(0, 60)} stands in the file twice.`;
      this.problems.add({ code: 'duplicate', line: statement.element.line, column: 'Stmt', message });
    }
    this.statementIds.add(key);
  }

  private guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      throw error instanceof FileRefused ? this.problems.joined(error) : error;
    }
  }
}
