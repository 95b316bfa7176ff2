/** A gateway's own export as a source. */
import type { Database } from '../../../kernel/database/database.js';
import { maskCardNumbers } from '../../../kernel/http/card-numbers.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { FileRefused, peek, readGatewayCsv, type ByteSource, type FileLine, type FileSummary } from '../files/index.js';
import { LineIds, stagedLine } from '../lines/line.js';
import { chooseMapping } from '../mappings/choose-mapping.js';
import type { RecordKind } from '../records/record.js';
import { insertRun, type KnownAccount } from '../runs/runs.store.js';
import { coversOf, daysOf, Extent, hullOf, MAX_DAYS, overlap, partsOf, type Span } from './coverage.js';
import { reportOf } from './file-report.js';
import { fileRefused, refusedAsAWhole } from './refusals.js';
import type { Seal } from './sources.store.js';
import type { Intake } from './take-file.js';

export interface GatewayFile {
  readonly account: KnownAccount;
  /** What it is called, for people. */
  readonly name: string;
  /** With or without a version; undefined: whichever reads it without doubt. */
  readonly mapping: string | undefined;
  /** The time of which it has everything; undefined: from its first line to its last. */
  readonly window: Span | undefined;
  /** Of what it has everything; undefined: of the kinds that it has lines of. */
  readonly covers: readonly RecordKind[] | undefined;
  /** When it was made; null: now. */
  readonly asOf: Date | null;
  readonly requestedBy: string | null;
}

/**
 * @throws {DomainError} `reconciliation.mapping_unclear`, `reconciliation.mapping_not_found`, `reconciliation.file_refused` when it is no text
 */
export async function gatewayFile(database: Database, bytes: ByteSource, file: GatewayFile): Promise<Intake<FileLine>> {
  const { account } = file;
  const { head, all, close } = await peek(bytes);
  const asked = { mapping: file.mapping, gateway: account.gateway };
  const known = await chooseMapping(database, head, asked).catch(async (error: unknown) => {
    await close();
    throw error instanceof FileRefused ? fileRefused(error) : error;
  });
  const { mapping } = known;
  // Not to be had: a gateway's mappings read gateways' lines, which the table holds to.
  if (mapping.produces !== 'gateway_lines') throw new Error(`${known.id} is of a gateway and reads bank lines`);
  const ids = new LineIds(account.gatewayAccountId);
  const extent = new Extent();
  return {
    source: {
      kind: 'file',
      name: file.name,
      ...account,
      format: known.id,
      asOf: file.asOf,
      requestedBy: file.requestedBy,
    },
    steps: readGatewayCsv(all, mapping),
    staged: (lines) => {
      for (const line of lines) extent.add(line);
      return lines.map((line) => stagedLine({ ...line, description: withoutCards(line.description) }, ids));
    },
    sealed: (summary) => sealOf(file, summary, extent, file.covers ?? coversOf(mapping, extent)),
    begin: async (tx, sourceId, seal) => {
      for (const part of partsOf(hullOf(seal, extent.span())))
        await insertRun(tx, {
          id: newUuid(),
          ...account,
          ...part,
          job: `file ${sourceId}`,
          sourceId,
          requestedBy: file.requestedBy,
        });
    },
  };
}

/** @throws {FileRefused} when it does not say, or not believably, of which time it is */
function sealOf(file: GatewayFile, summary: FileSummary, extent: Extent, covers: readonly RecordKind[]): Seal {
  const lines = extent.span();
  const window = file.window ?? lines;
  if (window === undefined)
    throw refusedAsAWhole('empty', 'The file has no lines. Say of which time it has none: from and to.');
  const all = hullOf(window, lines);
  if (daysOf(all) > MAX_DAYS)
    throw refusedAsAWhole(
      'time',
      `The lines are from ${all.from.toISOString()} to ${all.to.toISOString()}, more than ${MAX_DAYS} days: a date is read wrongly, or the file should be split.`,
    );
  if (lines !== undefined && !overlap(window, lines))
    throw refusedAsAWhole(
      'time',
      `No line lies in the time that the file is said to cover: they are from ${lines.from.toISOString()} to ${lines.to.toISOString()}.`,
    );
  const notices =
    lines !== undefined && (lines.from < window.from || lines.to > window.to)
      ? [
          `Lines lie outside of the time that the file is said to cover, from ${lines.from.toISOString()} to ${lines.to.toISOString()}.`,
        ]
      : [];
  return { ...window, covers, lines: summary.lines, checksum: summary.sha256, report: reportOf(summary, notices) };
}

/** What gateways write into a text is theirs, and may be anything. */
const withoutCards = (text: string | null): string | null => (text === null ? null : maskCardNumbers(text));
