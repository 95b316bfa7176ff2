import type { Database } from '../../../kernel/database/database.js';
import { databaseNow } from '../../../kernel/database/database-now.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import type { EventContext } from '../../../kernel/outbox/event.js';
import { approvalOf } from './announce.js';
import { tellingRefusals } from './refused-people.js';
import { PROPOSAL_LASTS_MS, type Person } from './resolution.js';
import {
  closeResolved,
  decideResolution,
  findResolution,
  lockBreaks,
  lockResolution,
  type Resolution,
} from './resolutions.store.js';

export interface Decision {
  readonly id: string;
  readonly by: Person;
  readonly remark: string | null;
  readonly cause: EventContext['cause'];
}

/**
 * Has what was proposed booked. By another than who proposed it, and only as long as the break says what it said then.
 * @throws {DomainError} `reconciliation.resolution_not_found`, `.resolution_decided`, `.needs_another`, `.break_changed`; `approval.maker_gone`,
 *   `auth.session_over`
 */
export function approve(database: Database, { id, by, remark, cause }: Decision): Promise<Resolution> {
  const work = database.transaction(async (tx) => {
    // Breaks are locked before what was decided about them, here as where it is proposed.
    const known = await findResolution(tx, id);
    const [found] = await lockBreaks(tx, known === undefined ? [] : [known.breakId]);
    const proposal = await mustBeProposed(tx, id);
    if (proposal.requestedBy === by.id) throw new DomainError('reconciliation.needs_another');
    if (found?.isOpen !== true || found.content !== proposal.content)
      throw new DomainError('reconciliation.break_changed');
    // A key proposed it, before that took a person.
    if (proposal.requestedIn === null) throw new DomainError('auth.people_only');
    const approved = await decideResolution(tx, id, { state: 'approved', by, remark });
    const why = `${approved.action === 'write_off' ? 'written off' : `booked as ${approved.account}`}: ${approved.remark}`;
    await closeResolved(tx, [{ id: proposal.breakId, why }]);
    await appendEvents(tx, [approvalOf(approved, approved.decidedAt ?? new Date(), cause)]);
    return approved;
  });
  return tellingRefusals(work);
}

/**
 * By anybody: whoever proposed it takes it back.
 * @throws {DomainError} `reconciliation.resolution_not_found`, `.resolution_decided`; `auth.session_over`
 */
export function reject(database: Database, { id, by, remark }: Omit<Decision, 'cause'>): Promise<Resolution> {
  const work = database.transaction(async (tx) => {
    const proposal = await mustBeProposed(tx, id);
    return decideResolution(tx, id, { state: 'rejected', by: proposal.requestedBy === by.id ? null : by, remark });
  });
  return tellingRefusals(work);
}

async function mustBeProposed(tx: Tx, id: string): Promise<Resolution> {
  const known = await lockResolution(tx, id);
  if (known === undefined) throw new DomainError('reconciliation.resolution_not_found');
  if (known.state !== 'proposed' || known.createdAt.getTime() < (await databaseNow(tx)).getTime() - PROPOSAL_LASTS_MS)
    throw new DomainError('reconciliation.resolution_decided');
  return known;
}
