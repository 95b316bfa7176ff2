import { z } from 'zod';
import { GENESIS, hashEntry, type AuditContent } from './audit-entry.js';
import { isInStep, type AuditRow, type AuditStore } from './audit.store.js';

export interface AuditProblem {
  readonly seq: string;
  readonly problem: 'missing' | 'altered' | 'columns_differ' | 'not_the_head_that_was_kept';
}

export interface AuditVerdict {
  readonly entries: number;
  /** `<seq>:<hash>` of the last entry; null: there is none. Whoever keeps it elsewhere can tell later whether the end was cut off. */
  readonly head: string | null;
  /** Empty: nothing was changed, taken out, or cut off. */
  readonly problems: readonly AuditProblem[];
}

const PAGE = 5_000;
/** Where one entry is missing all after it would be told of. */
const MAX_PROBLEMS = 20;

const HEAD = /^(\d{1,19}):([0-9a-f]{64})$/;
const content = z.looseObject({ id: z.string(), at: z.string(), type: z.string() });

export interface KeptHead {
  readonly seq: bigint;
  readonly hash: string;
}

/** @returns undefined where the text is no head */
export function readHead(text: string): KeptHead | undefined {
  const [, seq, hash] = HEAD.exec(text) ?? [];
  return seq === undefined || hash === undefined ? undefined : { seq: BigInt(seq), hash };
}

/**
 * Reads the log from its beginning and computes every hash again.
 * @param kept a head of an earlier time: it must still be there
 */
export async function verifyAudit(store: Pick<AuditStore, 'after'>, kept?: KeptHead): Promise<AuditVerdict> {
  const problems: AuditProblem[] = [];
  const note = (seq: bigint, problem: AuditProblem['problem']): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ seq: seq.toString(), problem });
  };
  let entries = 0;
  let last: { readonly seq: bigint; readonly hash: Buffer } = { seq: 0n, hash: GENESIS };
  let isKeptThere = kept === undefined;
  for (;;) {
    const rows = await store.after(last.seq, PAGE);
    for (const row of rows) {
      if (row.seq !== last.seq + 1n) note(last.seq + 1n, 'missing');
      // After a gap the hash cannot be right either, and that is told already.
      else if (!hashEntry(last.hash, row.seq, row.content).equals(row.hash)) note(row.seq, 'altered');
      if (!columnsFit(row)) note(row.seq, 'columns_differ');
      if (kept?.seq === row.seq) {
        if (row.hash.toString('hex') !== kept.hash) note(row.seq, 'not_the_head_that_was_kept');
        isKeptThere = true;
      }
      last = { seq: row.seq, hash: row.hash };
      entries += 1;
    }
    if (rows.length < PAGE) break;
  }
  if (!isKeptThere && kept !== undefined) note(kept.seq, 'missing');
  return { entries, head: entries === 0 ? null : `${last.seq}:${last.hash.toString('hex')}`, problems };
}

function columnsFit(row: AuditRow): boolean {
  try {
    return isInStep(row, content.parse(JSON.parse(row.content)) as unknown as AuditContent);
  } catch {
    return false;
  }
}
