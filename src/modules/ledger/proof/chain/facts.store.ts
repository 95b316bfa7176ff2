/** Digests of facts as they stand in the tables now: to chain them, and to compare them with what was chained. */
import { statement, type Queryable } from '../../../../kernel/database/tx.js';
import type { Span } from './block.js';
import { ACCOUNT, digestSql, ENTRY, STATE_CHANGE, TRANSFER, type FactShape } from './fact.js';
import { LEAF_BYTES } from './merkle.js';

const NOTHING = `decode(repeat('00', 32), 'hex')`;

export interface SpanDigests {
  /** Facts that were found. A span that has fewer than it should is not complete. */
  readonly found: number;
  /** Entries whose transfer is there; of other facts as many as were found. */
  readonly transfers: number;
  /** Leaf after leaf. An entry without its transfer has zeros in its place. */
  readonly digests: Buffer;
}

const entriesStatement = statement(
  'ledger.entry_digests',
  `SELECT s.position::int AS position, f.found, f.transfers, f.digests
   FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS s (id, first, last, position)
   CROSS JOIN LATERAL (
     SELECT count(*)::int AS found, count(x.id)::int AS transfers,
       string_agg(${digestSql(ENTRY, 'e')} || CASE WHEN x.id IS NULL THEN ${NOTHING} ELSE ${digestSql(TRANSFER, 'x')} END, ''::bytea
         ORDER BY e.account_version) AS digests
     FROM ledger.entry e LEFT JOIN LATERAL (SELECT * FROM ledger.transfer t WHERE t.id = e.transfer_id LIMIT 1) x ON true
     WHERE e.account_id = s.id AND e.account_version >= s.first AND e.account_version <= s.last
   ) f`,
);

const single = (name: string, shape: FactShape, condition: string) =>
  statement(
    name,
    `SELECT s.position::int AS position, 1 AS found, 1 AS transfers, ${digestSql(shape, 'f')} || ${NOTHING} AS digests
     FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS s (id, number, position)
     CROSS JOIN LATERAL (SELECT * FROM ${shape.table} x WHERE ${condition} LIMIT 1) f`,
  );
const singles = new Map([
  [ACCOUNT.kind as number, single('ledger.account_digests', ACCOUNT, 'x.id = s.id')],
  [TRANSFER.kind, single('ledger.transfer_digests', TRANSFER, 'x.id = s.id')],
  [
    STATE_CHANGE.kind,
    single('ledger.state_change_digests', STATE_CHANGE, 'x.account_id = s.id AND x.number = s.number::int'),
  ],
]);

const NONE: SpanDigests = { found: 0, transfers: 0, digests: Buffer.alloc(0) };

/** @returns for each span, in their order */
export async function readDigests(db: Queryable, spans: readonly Span[]): Promise<readonly SpanDigests[]> {
  const results: SpanDigests[] = spans.map(() => NONE);
  const take = async (kind: number, read: (of: readonly Span[]) => Promise<readonly Positioned[]>): Promise<void> => {
    const indexes = spans.flatMap((span, index) => (span.kind === kind ? [index] : []));
    if (indexes.length === 0) return;
    const rows = await read(indexes.flatMap((index) => spans[index] ?? []));
    for (const { position, found, transfers, digests } of rows) {
      const index = indexes[position - 1];
      if (index !== undefined) results[index] = { found, transfers, digests: digests ?? NONE.digests };
    }
  };
  await take(ENTRY.kind, (of) =>
    db.query<Positioned>(entriesStatement, [
      of.map(({ id }) => id),
      of.map(({ first }) => first),
      of.map(({ first, count }) => first + BigInt(count) - 1n),
    ]),
  );
  for (const [kind, query] of singles)
    await take(kind, (of) => db.query<Positioned>(query, [of.map(({ id }) => id), of.map(({ first }) => first)]));
  return results;
}

interface Positioned {
  readonly position: number;
  readonly found: number;
  readonly transfers: number;
  readonly digests: Buffer | null;
}

/** Whether all of a span is there, and every entry with its transfer. */
export function isComplete({ count }: Span, { found, transfers, digests }: SpanDigests): boolean {
  return found === count && transfers === count && digests.length === count * LEAF_BYTES;
}
