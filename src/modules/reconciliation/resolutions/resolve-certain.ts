/** Resolves what is certain, in the transaction that found it: so it is done once, and not without the break. */
import type { Tx } from '../../../kernel/database/tx.js';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { contentsOf } from '../runs/results.js';
import type { WrittenBreak } from '../runs/results.store.js';
import type { Run } from '../runs/runs.store.js';
import { approvalOf, questionAbout } from './announce.js';
import { isDenied, whatIsCertain } from './certain.js';
import { correctionOf } from './correction.js';
import { closeResolved, insertResolutions, movedAmounts, type NewResolution } from './resolutions.store.js';

/** How many were asked about, and how many booked. */
export interface Certainties {
  readonly asked: number;
  readonly resolved: number;
}

export async function resolveCertain(
  tx: Tx,
  run: Pick<Run, 'id' | 'gatewayAccountId' | 'livemode' | 'createdAt'>,
  written: readonly WrittenBreak[],
  feeToleranceBps: number,
): Promise<Certainties> {
  const moved = await movedAmounts(
    tx,
    written.flatMap(({ found }) => (found.kind === 'fee' && found.attemptId !== null ? [found.attemptId] : [])),
  );
  const judged = written.map((each) => ({
    ...each,
    certain: whatIsCertain(each.found, moved.get(each.found.attemptId ?? '') ?? null, feeToleranceBps),
  }));
  const cause = { correlationId: encodeId('reconciliationRun', run.id) };
  const questions = judged.flatMap(({ certain, found }) =>
    certain === 'ask' && found.attemptId !== null
      ? [questionAbout({ attemptId: found.attemptId, merchantId: found.merchantId, denied: isDenied(found) }, cause)]
      : [],
  );
  const fees = judged.flatMap((each) => (each.certain === 'book_fee' ? [feeBooking(run, each)] : []));
  const booked = await insertResolutions(tx, fees);
  await closeResolved(
    tx,
    booked.map(({ breakId, remark }) => ({ id: breakId, why: remark })),
  );
  const approvals = booked.map((each) => approvalOf(each, each.createdAt, cause));
  await appendEvents(tx, [...questions, ...approvals]);
  return { asked: questions.length, resolved: booked.length };
}

function feeBooking(
  { gatewayAccountId, livemode }: Pick<Run, 'gatewayAccountId' | 'livemode'>,
  { id, found }: WrittenBreak,
): NewResolution {
  const correction = correctionOf(found, undefined, undefined);
  if (correction === undefined) throw new Error(`The fee of break ${id} differs by nothing`);
  const { side, amount, currency } = correction;
  return {
    id: newUuid(),
    breakId: id,
    action: 'adjust',
    state: 'approved',
    isAutomatic: true,
    remark: `the gateway kept ${side === 'credit' ? 'more' : 'less'} than it had said, and within tolerance: booked as gateway_fees`,
    subjectId: found.subjectId,
    ...contentsOf(found),
    gatewayAccountId,
    livemode,
    clearingSide: side,
    account: 'gateway_fees',
    amount,
    currency,
    requestedBy: null,
    requestedIn: null,
  };
}
