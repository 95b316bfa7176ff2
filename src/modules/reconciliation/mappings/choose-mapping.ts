/** By which mapping a file is read when nobody says: only where there is no doubt. */
import type { Database } from '../../../kernel/database/database.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { inspectFile, type ByteSource, type MappingFit } from '../files/index.js';
import { everyMapping, mappingOf, type KnownMapping } from './mappings.js';

/** @param gateway null for banks @returns the house's own first */
export async function candidatesFor(database: Database, gateway: string | null): Promise<readonly KnownMapping[]> {
  return (await everyMapping(database)).filter((known) => known.gateway === gateway);
}

/**
 * The one that is asked for, else the one that reads the head of the file without a problem and finds the most columns; of a shipped one and an own one that do so equally
 * well, the own. A bank's must be asked for: its currency, and what a column of amounts means, stand in the mapping alone.
 * @param head of the file, to be read once
 * @throws {DomainError} `reconciliation.mapping_unclear`, `reconciliation.mapping_not_found`
 * @throws {FileRefused} when the file is no text
 */
export async function chooseMapping(
  database: Database,
  head: ByteSource,
  asked: { readonly mapping: string | undefined; readonly gateway: string | null },
): Promise<KnownMapping> {
  if (asked.mapping !== undefined) {
    const known = await mappingOf(database, asked.mapping);
    if (known.gateway !== asked.gateway) throw new DomainError('reconciliation.mapping_not_found');
    return known;
  }
  if (asked.gateway === null) throw unclear('Which mapping reads this bank?');
  const candidates = await candidatesFor(database, asked.gateway);
  if (candidates.length === 0) throw unclear('There is no mapping for this gateway.');
  const { fits } = await inspectFile(head, { mappings: candidates.map(({ mapping }) => mapping) });
  const best = bestOf(fits, new Set(candidates.flatMap(({ id, own }) => (own === undefined ? [] : [id]))));
  const chosen = candidates.find(({ id }) => id === best);
  if (chosen !== undefined) return chosen;
  const [first] = fits;
  const problem = first?.problems[0]?.message;
  throw unclear(
    problem === undefined
      ? `These may read it: ${fits.map(({ id }) => id).join(', ')}.`
      : `${first?.id} does not: ${problem}`,
  );
}

/**
 * Pure.
 * @param fits the best first
 * @returns undefined where none does, or more than one
 */
export function bestOf(fits: readonly MappingFit[], own: ReadonlySet<string>): string | undefined {
  const reading = fits.filter(({ problems, rowsWithProblems }) => problems.length === 0 && rowsWithProblems === 0);
  const most = Math.max(...reading.map(({ columnsFound }) => columnsFound));
  const equal = reading.filter(({ columnsFound }) => columnsFound === most).map(({ id }) => id);
  const ours = equal.filter((id) => own.has(id));
  const [best, second] = ours.length > 0 ? ours : equal;
  return second === undefined ? best : undefined;
}

const unclear = (detail: string): DomainError => new DomainError('reconciliation.mapping_unclear', { detail });
