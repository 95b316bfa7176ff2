/** Putting together by hand what belongs together: attempts that no line names, and lines that name no attempt. */
import type { Queryable } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { amountOf, currencyOf, isOfKind } from '../matching/sides.js';
import { linesToMatch, recordsToMatch, type Sides } from './manual-matches.store.js';

/** @throws {DomainError} `reconciliation.cannot_resolve_so` where one of them is somebody else's already */
export async function sidesOf(
  queryable: Queryable,
  account: string,
  attemptIds: readonly string[],
  lineIds: readonly string[],
): Promise<Sides> {
  const records = await recordsToMatch(queryable, account, attemptIds);
  const lines = await linesToMatch(queryable, account, lineIds);
  if (records.length < new Set(attemptIds).size || lines.length < new Set(lineIds).size)
    throw refused('One of them is not known at this gateway account.');
  if ([...records, ...lines].some((each) => each.isIdentified)) throw refused('One of them is matched already.');
  return { records, lines };
}

/** @throws {DomainError} `reconciliation.cannot_resolve_so` */
export function mustFit({ records, lines }: Sides): void {
  const [record] = records;
  const [line] = lines;
  if (record === undefined || line === undefined)
    throw refused(
      'It takes an attempt and a line to match: a break that is missing there, and one that is missing here.',
    );
  if (records.length > 1 && lines.length > 1)
    throw refused('Several attempts to one line, or several lines to one attempt; not several to several.');
  if (!records.every((each) => lines.every((other) => isOfKind(each, other))))
    throw refused('A line of this kind does not come of an attempt of that kind.');
  if (!records.every((each) => lines.every((other) => currencyOf(each) === other.currency)))
    throw refused('They are not in one currency.');
  // One attempt and one line may differ: that is a break of its own then. A sum that does not come out is a wrong guess.
  if (records.length === 1 && lines.length === 1) return;
  const [ours, theirs] = [sum(records.map((each) => amountOf(each) ?? 0n)), sum(lines.map(({ amount }) => amount))];
  if (ours !== theirs) throw refused(`They do not add up: ${ours} here, ${theirs} there.`);
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const refused = (detail: string): DomainError => new DomainError('reconciliation.cannot_resolve_so', { detail });
