import { decodeId, encodeId } from '../../../src/kernel/ids/ids.js';
import { ID_KINDS, publicIdOf, type JournalEntry } from '../journal.js';
import type { AttemptRow, Evidence } from './evidence.js';
import type { DisbursementRow } from './money-out-evidence.js';
import type { Invariant, Violation } from './invariant.js';

/** What blocks every other attempt. */
const LIVE: ReadonlySet<string> = new Set(['planned', 'sending', 'pending', 'unknown', 'quarantined']);

interface Asked {
  readonly amount?: unknown;
  readonly currency?: unknown;
}

/**
 * Every accepted refund and payout is there, as it was asked for and as its GET shows it, and is final, stands among the open questions that
 * operators see, or waits at its gateway.
 */
export const everyDisbursementEnds: Invariant = {
  name: 'every_disbursement_ends',
  check(evidence) {
    const { journal, moneyOut, merchantIds } = evidence;
    const rows = new Map(moneyOut.disbursements.map((row) => [row.id, row]));
    const payouts = new Map(moneyOut.disbursements.map((row) => [`${row.merchant_id} ${row.reference}`, row]));
    const wanted = new Set<DisbursementRow>();
    const broken: Violation[] = [];
    const check = (row: DisbursementRow | undefined, name: string, asked: Asked): void => {
      if (row === undefined) broken.push({ text: `${name} was accepted and is not there` });
      else {
        wanted.add(row);
        const { amount, currency } = asked;
        if (
          (amount !== undefined && Number(row.amount) !== amount) ||
          (currency !== undefined && row.currency !== currency)
        )
          broken.push({ text: `${name} is not what was asked for` });
        if (row.status === 'processing' && !mayBeOpen(evidence, row))
          broken.push({ text: `${name} is processing and no case (${attemptsAt(evidence, row)})` });
      }
    };
    for (const entry of journal.entries) {
      const publicId = publicIdOf(entry);
      if (publicId === undefined) continue;
      if (entry.kind === 'refund' || entry.kind === 'payout') {
        const row = rows.get(decodeId(ID_KINDS[entry.kind], publicId) ?? '');
        check(row, publicId, entry.body);
        broken.push(...otherThanShown(row, publicId, entry));
      }
      if (entry.kind !== 'payout_batch') continue;
      for (const payout of entry.body['payouts'] as readonly Readonly<Record<string, unknown>>[])
        check(
          payouts.get(`${merchantIds[entry.merchant]} ${String(payout['reference'])}`),
          `payout ${String(payout['reference'])} of ${publicId}`,
          payout,
        );
    }
    for (const row of moneyOut.disbursements) {
      if (row.source === 'surplus') check(row, `refund ${row.id} of a surplus`, {});
      // What was asked for stands in the approval, by which it is judged: see two-people-hold.ts.
      else if (row.approval_id !== null) check(row, `refund ${row.id} of operators`, {});
      else if (!wanted.has(row)) broken.push({ text: `${row.kind} ${row.id} is there and nobody was told` });
    }
    return broken;
  },
};

function otherThanShown(
  row: DisbursementRow | undefined,
  publicId: string,
  { shown }: JournalEntry,
): readonly Violation[] {
  if (row === undefined || shown === undefined || shown['status'] === row.status) return [];
  return [{ text: `${publicId} is shown as ${String(shown['status'])} and is ${row.status}` }];
}

/** Nobody knows what became of it, and people see that; or its gateway has it, has paid nothing and is still asked. */
function mayBeOpen(evidence: Evidence, row: DisbursementRow): boolean {
  const { moneyOut, cases } = evidence;
  const live = (moneyOut.attemptsOf.get(row.id) ?? []).find(({ status }) => LIVE.has(status));
  if (live === undefined) return false;
  if (live.status === 'unknown' || live.status === 'quarantined') return cases.has(encodeId('attempt', live.id));
  if (live.next_check_at === null) return false;
  if (live.status === 'planned') return waitsForAnother(evidence, row);
  if (live.status !== 'pending') return false;
  return row.kind === 'refund' ? neverTellsFailure(evidence, row, live) : row.phone?.endsWith('9903') === true;
}

/** Wave lists refunds once they were paid, and has no word for one that was not: it is looked for until it is a case. */
function neverTellsFailure(
  { moneyOut, attempts }: Evidence,
  { captured_by: capturedBy }: DisbursementRow,
  { gateway }: AttemptRow,
): boolean {
  const charge = attempts.find(({ id }) => id === capturedBy)?.reference;
  return gateway === 'wave' && charge !== undefined && !moneyOut.givenBack.has(charge);
}

/**
 * Where a refund has no reference of ours, the refunds of one charge are asked for one after the other: while one of them is in doubt, which is
 * a case, it could be taken for the next.
 */
function waitsForAnother(
  { moneyOut, cases }: Evidence,
  { id, kind, captured_by: capturedBy }: DisbursementRow,
): boolean {
  return moneyOut.disbursements
    .filter((each) => kind === 'refund' && each.captured_by === capturedBy && each.id !== id)
    .flatMap((each) => moneyOut.attemptsOf.get(each.id) ?? [])
    .some((attempt) => attempt.status === 'unknown' && cases.has(encodeId('attempt', attempt.id)));
}

function attemptsAt({ moneyOut }: Evidence, { id }: DisbursementRow): string {
  const attempts = (moneyOut.attemptsOf.get(id) ?? []).map(({ gateway, status }) => `${gateway} ${status}`);
  return `attempts: ${attempts.join(', ') || 'none'}`;
}
