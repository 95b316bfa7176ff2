/** A bank's statement as a source: booked entries only, since what is pending may still change. */
import type { Database } from '../../../kernel/database/database.js';
import { StatementEntries } from '../bank/statement-entries.js';
import {
  FileRefused,
  isXml,
  peek,
  readStatement,
  type BankLine,
  type BankMapping,
  type ByteSource,
  type Peeked,
} from '../files/index.js';
import { chooseMapping } from '../mappings/choose-mapping.js';
import { reportOf } from './file-report.js';
import { fileRefused, refusedAsAWhole } from './refusals.js';
import type { Intake } from './take-file.js';

const DAY_MS = 86_400_000;

export interface StatementFile {
  readonly name: string;
  /** Of CSV; camt.053 needs none. */
  readonly mapping: string | undefined;
  /** IBAN or number: needed where the file does not say it, and held to it where it does. */
  readonly account: string | undefined;
  readonly livemode: boolean;
  readonly asOf: Date | null;
  readonly requestedBy: string | null;
}

/**
 * @throws {DomainError} `reconciliation.mapping_unclear`, `reconciliation.mapping_not_found`, `reconciliation.file_refused` when it is no text
 */
export async function statementFile(
  database: Database,
  bytes: ByteSource,
  file: StatementFile,
): Promise<Intake<BankLine>> {
  const peeked = await peek(bytes);
  const mapping = await mappingFor(database, peeked, file.mapping);
  const entries = new StatementEntries(file);
  return {
    source: {
      kind: 'bank',
      name: file.name,
      gatewayAccountId: null,
      gateway: null,
      livemode: file.livemode,
      format: mapping?.id ?? 'camt.053',
      asOf: file.asOf,
      requestedBy: file.requestedBy,
    },
    steps: readStatement(peeked.all, mapping),
    staged: (lines) => entries.staged(lines),
    sealed: (summary) => {
      const days = [...summary.statements.flatMap(({ openedOn, closedOn }) => [openedOn, closedOn]), ...entries.days()];
      const known = days.flatMap((day) => (day === null ? [] : [Date.parse(day)]));
      if (known.length === 0) throw refusedAsAWhole('empty', 'The statement names no day.');
      return {
        from: new Date(Math.min(...known)),
        to: new Date(Math.max(...known) + DAY_MS),
        covers: [],
        lines: entries.lines,
        checksum: summary.sha256,
        report: reportOf(summary, entries.notices()),
      };
    },
    begin: () => Promise.resolve(),
  };
}

async function mappingFor(
  database: Database,
  { head, headBytes, close }: Peeked,
  asked: string | undefined,
): Promise<BankMapping | undefined> {
  try {
    if (isXml(headBytes)) return undefined;
    const { id, mapping } = await chooseMapping(database, head, { mapping: asked, gateway: null });
    if (mapping.produces !== 'bank_lines') throw new Error(`${id} is of no gateway and reads gateway lines`);
    return mapping;
  } catch (error) {
    await close();
    throw error instanceof FileRefused ? fileRefused(error) : error;
  }
}
