import { databaseNow } from '../database/database-now.js';
import type { Tx } from '../database/tx.js';
import { DomainError } from '../errors/domain-error.js';
import { appendEvents } from '../outbox/append.js';
import type { EventHandler } from '../outbox/consumer.js';
import { newEvent, type StoredEvent } from '../outbox/event.js';
import { hashPayload, type ApprovedWork, type ShownOnce } from './approval-action.js';
import { approvalCarriedOut, grantedApproval, type GrantedApproval } from './approvals.events.js';

/** Work that was approved longer ago is not done any more: what it was decided by has changed since. A module is down for minutes, not for a day. */
const CARRIED_OUT_WITHIN_MS = 86_400_000;

/** Does what was approved, in the module that it was asked of, and tells what came of it. */
export class CarryOutApproved implements EventHandler {
  /** What was approved locks a payment, or an attempt, or more: whatever it is about. */
  readonly isOneByOne = true;
  private readonly works: ReadonlyMap<string, ApprovedWork>;

  constructor(works: readonly ApprovedWork[]) {
    this.works = new Map(works.map((work) => [work.kind, work]));
  }

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) {
      const granted = grantedApproval.parse(event.payload);
      const work = this.works.get(granted.kind);
      if (work === undefined) continue;
      const failure = await carryOut(tx, work, granted, event.headers.correlation_id);
      const context = { aggregateId: granted.approval_id, merchantId: null, cause: event };
      const outcome = { code: failure?.code ?? null, detail: failure?.detail ?? null };
      const payload = { approval_id: granted.approval_id, kind: granted.kind, ...outcome };
      await appendEvents(tx, [newEvent(approvalCarriedOut, context, payload)]);
    }
  }
}

/** @returns why it could not be done; then nothing of it is left */
async function carryOut(
  tx: Tx,
  work: ApprovedWork,
  granted: GrantedApproval,
  correlationId: string,
): Promise<DomainError | undefined> {
  await tx.query('SAVEPOINT carrying_out');
  try {
    await carryOutGranted(tx, work, granted, correlationId);
    await tx.query('RELEASE SAVEPOINT carrying_out');
    return undefined;
  } catch (error) {
    // Whatever else fails is tried again, with the rest of the batch.
    if (!(error instanceof DomainError)) throw error;
    await tx.query('ROLLBACK TO SAVEPOINT carrying_out');
    await tx.query('RELEASE SAVEPOINT carrying_out');
    return error;
  }
}

/** @throws {DomainError} */
export async function carryOutGranted(
  tx: Tx,
  work: ApprovedWork,
  granted: GrantedApproval,
  correlationId: string,
): Promise<ShownOnce | undefined> {
  const { kind, payload, asked_by: askedBy, granted_by: grantedBy } = granted;
  // The table of auth holds both; whatever writes into the outbox is not taken at its word.
  if (askedBy === grantedBy || hashPayload(kind, payload) !== granted.payload_sha256)
    throw new DomainError('approval.not_genuine');
  const now = await databaseNow(tx);
  if (now.getTime() - Date.parse(granted.granted_at) > CARRIED_OUT_WITHIN_MS) throw new DomainError('approval.expired');
  return work.carryOut(tx, payload, { approvalId: granted.approval_id, askedBy, grantedBy, correlationId });
}
