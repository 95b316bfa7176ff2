/** Takes in a file as a whole or not at all: read once, staged in small transactions, sealed when it has come to its end. */
import type { Database } from '../../../kernel/database/database.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { constraintOf, isUniqueViolation } from '../../../kernel/database/sql-state.js';
import { describeError } from '../../../kernel/errors/describe.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { FileRefused, type FileSummary, type ReadStep } from '../files/index.js';
import type { StagedLine } from '../lines/line.js';
import { fileRefused, sourceKnown } from './refusals.js';
import {
  beginSource,
  findSameBytes,
  refuseSource,
  SAME_BYTES,
  sealSource,
  stageFileLines,
  type BegunSource,
  type Seal,
} from './sources.store.js';

/** A file of one of the kinds, on its way in. */
export interface Intake<Line> {
  readonly source: Omit<BegunSource, 'id'>;
  readonly steps: AsyncIterable<ReadStep<Line>>;
  /** @throws {FileRefused} */
  staged(lines: readonly Line[]): readonly StagedLine[];
  /** @throws {FileRefused} */
  sealed(summary: FileSummary): Seal;
  /** What begins with the source, in the same transaction. */
  begin(tx: Tx, sourceId: string, seal: Seal): Promise<void>;
}

/**
 * @param onStaged told how many lines have been staged so far
 * @returns the id of the source, which is sealed: what remains is to publish it
 * @throws {DomainError} `reconciliation.file_refused`, `reconciliation.source_known`; what the upload itself throws passes through
 */
export async function takeFile<Line>(
  database: Database,
  intake: Intake<Line>,
  onStaged: (lines: number) => void = () => undefined,
): Promise<string> {
  const id = newUuid();
  await beginSource(database, { ...intake.source, id });
  try {
    let staged = 0;
    for await (const step of intake.steps) {
      if (step.type === 'end') {
        await seal(database, intake, id, step.summary);
        return id;
      }
      const lines = intake.staged(step.lines);
      if (!(await database.transaction((tx) => stageFileLines(tx, id, lines)))) throw givenUp(id);
      staged += lines.length;
      onStaged(staged);
    }
    throw new Error('The file was read without coming to an end');
  } catch (error) {
    const problems = error instanceof FileRefused ? error.problems : [];
    await database.transaction((tx) => refuseSource(tx, id, describeError(error), problems));
    throw error instanceof FileRefused ? fileRefused(error, id) : error;
  }
}

async function seal<Line>(database: Database, intake: Intake<Line>, id: string, summary: FileSummary): Promise<void> {
  const sealed = intake.sealed(summary);
  try {
    const isOurs = await database.transaction(async (tx) => {
      if (!(await sealSource(tx, id, sealed))) return false;
      await intake.begin(tx, id, sealed);
      return true;
    });
    if (!isOurs) throw givenUp(id);
  } catch (error) {
    if (!isUniqueViolation(error) || !SAME_BYTES.has(constraintOf(error) ?? '')) throw error;
    const known = await findSameBytes(database, intake.source.gatewayAccountId, sealed.checksum);
    throw known === undefined ? error : sourceKnown(known);
  }
}

/** It stood still for so long that it was taken for a dead process's. */
const givenUp = (id: string): Error => new Error(`Source ${id} was given up on while it was being read`);
