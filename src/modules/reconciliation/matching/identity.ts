/** Which lines are an attempt's because they name it. Pure. */
import { byTime, isOfKind, type LineSide, type RecordSide } from './sides.js';

/** `manual`: somebody said so. */
export type IdentityRule = 'reference' | 'handle' | 'manual';

export interface Identified {
  readonly record: RecordSide;
  readonly line: LineSide;
  readonly rule: IdentityRule;
  readonly explanation: string;
  /** The line is several records' together, which add up to it: none of them has its figures. */
  readonly isShared?: boolean;
}

/** A line that carries an attempt's reference is about that attempt. */
export function byReference(records: readonly RecordSide[], lines: readonly LineSide[]): readonly Identified[] {
  const byKey = new Map(records.map((record) => [record.key, record]));
  return lines.toSorted(byTime).flatMap((line): readonly Identified[] => {
    const record = line.key === null ? undefined : byKey.get(line.key);
    return record === undefined || !isOfKind(record, line)
      ? []
      : [{ record, line, rule: 'reference', explanation: `the line carries the reference ${record.key}` }];
  });
}

/**
 * A line that carries a name under which the gateway has told us of an attempt. Where two attempts were told of under one name it is the
 * earlier one's.
 * @param lines those of which no record has the reference
 */
export function byHandle(records: readonly RecordSide[], lines: readonly LineSide[]): readonly Identified[] {
  const owners = new Map<string, RecordSide>();
  for (const record of records.toSorted((a, b) => (a.attemptId < b.attemptId ? 1 : -1)))
    for (const handle of record.handles) owners.set(handle, record);
  return lines.toSorted(byTime).flatMap((line): readonly Identified[] => {
    for (const alias of line.aliases) {
      const record = owners.get(alias);
      if (record !== undefined && isOfKind(record, line))
        return [{ record, line, rule: 'handle', explanation: `the gateway calls both ${alias}` }];
    }
    return [];
  });
}
