/** Taking in what a gateway says: a source is begun, its lines are staged, and it is committed as a whole or abandoned. */
import type { Database } from '../../../kernel/database/database.js';
import { SQL_STATE } from '../../../kernel/database/sql-state.js';
import { codeOf, describeError } from '../../../kernel/errors/describe.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import { LineIds, stagedLine, type IncomingLine } from './line.js';
import {
  abandonSource,
  findSameFile,
  findSource,
  insertSource,
  lockStaging,
  publishLines,
  SAME_FILE_INDEX,
  stageLines,
  type NewSource,
  type Published,
  type SourceRow,
} from './lines.store.js';

/** Lines per statement: some 300 KB. */
const STAGED_AT_ONCE = 1_000;

/**
 * Takes in a source as a whole: all of its lines, or none.
 * @param lines in batches of any size; when they throw, nothing is kept
 * @throws {DomainError} `reconciliation.source_known` for a file that was taken in before
 */
export async function takeLines(
  database: Database,
  about: Omit<NewSource, 'id'>,
  lines: AsyncIterable<readonly IncomingLine[]>,
): Promise<SourceRow> {
  await refuseKnown(database, about);
  const source = { ...about, id: newUuid() };
  await insertSource(database, source);
  try {
    const ids = new LineIds(source.gatewayAccountId);
    for await (const batch of lines) {
      for (let from = 0; from < batch.length; from += STAGED_AT_ONCE) {
        const staged = batch.slice(from, from + STAGED_AT_ONCE).map((line) => stagedLine(line, ids));
        await database.transaction((tx) => stageLines(tx, source.id, staged));
      }
    }
    await commitSource(database, source);
  } catch (error) {
    await database.transaction((tx) => abandonSource(tx, source.id, describeError(error)));
    throw error;
  }
  return mustFind(database, source.id);
}

/** Makes all that is staged visible. Once: a source that is committed already stays as it is. */
export async function commitSource(database: Database, source: NewSource): Promise<Published | undefined> {
  try {
    return await database.transaction(async (tx) =>
      (await lockStaging(tx, source.id)) ? publishLines(tx, source.id) : undefined,
    );
  } catch (error) {
    // Somebody else has committed the same file meanwhile.
    if (codeOf(error) === SQL_STATE.uniqueViolation && describeError(error).includes(SAME_FILE_INDEX))
      await refuseKnown(database, source);
    throw error;
  }
}

async function refuseKnown(
  database: Database,
  { gatewayAccountId, checksum }: Pick<NewSource, 'gatewayAccountId' | 'checksum'>,
): Promise<void> {
  if (checksum === null) return;
  const known = await findSameFile(database, gatewayAccountId, checksum);
  if (known === undefined) return;
  const when = known.closedAt?.toISOString() ?? known.toldAt.toISOString();
  throw new DomainError('reconciliation.source_known', {
    detail: `This file was taken in as ${known.name} on ${when}, with ${known.staged} lines.`,
    members: { source: encodeId('reconciliationSource', known.id) },
  });
}

async function mustFind(database: Database, id: string): Promise<SourceRow> {
  const source = await findSource(database, id);
  if (source === undefined) throw new Error(`Source ${id} is gone`);
  return source;
}
