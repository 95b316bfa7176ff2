import { Inject, Injectable } from '@nestjs/common';
import { approvalDeclined, approvalGranted } from '../../../contracts/auth.events.js';
import { isPermitted, mustBeAllowed, type AdminArea } from '../../../kernel/access/permissions.js';
import type { SessionPrincipal } from '../../../kernel/access/principal.js';
import type { ApprovedWork, ShownOnce } from '../../../kernel/approvals/approval-action.js';
import type { ApprovalRow } from '../../../kernel/approvals/approval-view.js';
import type { GrantedApproval } from '../../../kernel/approvals/approvals.events.js';
import { carryOutGranted } from '../../../kernel/approvals/carry-out.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent, type EventContext } from '../../../kernel/outbox/event.js';
import { AdminsStore } from '../admins/admins.store.js';
import { RolesStore } from '../admins/roles.store.js';
import type { Cause } from '../admins/sessions.js';
import { SessionsStore } from '../admins/sessions.store.js';
import { ApprovalsStore, type Decision } from './approvals.store.js';

/** What auth itself carries out, in the transaction of the decision. */
export const OWN_WORKS = Symbol('OWN_WORKS');

export interface Approved {
  readonly approval: ApprovalRow;
  readonly shownOnce?: ShownOnce | undefined;
}

/** The other person's part. The table refuses what is refused here, too (prisma/migrations, auth.guard_approval). */
@Injectable()
export class DecideApproval {
  private readonly own: ReadonlyMap<string, ApprovedWork>;

  constructor(
    private readonly store: ApprovalsStore,
    private readonly admins: AdminsStore,
    private readonly roles: RolesStore,
    private readonly sessions: SessionsStore,
    @Inject(OWN_WORKS) works: readonly ApprovedWork[],
  ) {
    this.own = new Map(works.map((work) => [work.kind, work]));
  }

  /**
   * Has it done: at once where it is auth's own, soon where another module does it.
   * @throws {DomainError} approval.not_found, approval.own, approval.decided, approval.expired, approval.maker_gone,
   *   auth.missing_permission, auth.session_over; and whatever is in the way of what auth does itself, which then still waits
   */
  async approve(person: SessionPrincipal, id: string, remark: string | null, cause: Cause): Promise<Approved> {
    return this.store.database.transaction(async (tx) => {
      const asked = await this.lockAnothers(tx, person, id);
      await this.mustStillAsk(tx, asked);
      const decided = await this.decide(tx, asked, { state: 'approved', by: person.id, in: person.session.id, remark });
      const granted = grantedOf(decided);
      await appendEvents(tx, [newEvent(approvalGranted, contextOf(id, cause), granted)]);
      const work = this.own.get(asked.kind);
      if (work === undefined) return { approval: decided };
      const shownOnce = await carryOutGranted(tx, work, granted, cause.correlationId);
      const done = await this.store.carriedOut(tx, id, { code: null, detail: null });
      return { approval: done ?? decided, shownOnce };
    });
  }

  /** @throws {DomainError} approval.not_found, approval.own, approval.decided, approval.expired, auth.missing_permission, auth.session_over */
  async reject(person: SessionPrincipal, id: string, remark: string | null, cause: Cause): Promise<ApprovalRow> {
    return this.store.database.transaction(async (tx) => {
      const asked = await this.lockAnothers(tx, person, id);
      return this.decline(tx, asked, { state: 'rejected', by: person.id, in: person.session.id, remark }, cause);
    });
  }

  /** Whoever asked takes it back. @throws {DomainError} approval.not_found, approval.not_yours, approval.decided, approval.expired, auth.session_over */
  async withdraw(person: SessionPrincipal, id: string, remark: string | null, cause: Cause): Promise<ApprovalRow> {
    return this.store.database.transaction(async (tx) => {
      const asked = await this.store.lock(tx, id);
      if (asked === undefined) throw new DomainError('approval.not_found');
      if (asked.askedBy !== person.id) throw new DomainError('approval.not_yours');
      return this.decline(tx, asked, { state: 'withdrawn', by: person.id, in: person.session.id, remark }, cause);
    });
  }

  private async lockAnothers(tx: Tx, person: SessionPrincipal, id: string): Promise<ApprovalRow> {
    const asked = await this.store.lock(tx, id);
    if (asked === undefined || !isPermitted(person.permissions, asked.area as AdminArea, 'read'))
      throw new DomainError('approval.not_found');
    if (asked.askedBy === person.id) throw new DomainError('approval.own');
    mustBeAllowed(person.permissions, asked.area as AdminArea, 'authorise');
    return asked;
  }

  private async decline(
    tx: Tx,
    asked: ApprovalRow,
    decision: Decision & { readonly state: 'rejected' | 'withdrawn' },
    cause: Cause,
  ): Promise<ApprovalRow> {
    const declined = await this.decide(tx, asked, decision);
    const payload = {
      approval_id: asked.id,
      kind: asked.kind,
      asked_by: asked.askedBy,
      outcome: decision.state,
      decided_by: decision.by,
      remark: decision.remark,
    };
    await appendEvents(tx, [newEvent(approvalDeclined, contextOf(asked.id, cause), payload)]);
    return declined;
  }

  private async decide(tx: Tx, asked: ApprovalRow, decision: Decision): Promise<ApprovalRow> {
    if (asked.state === 'expired') throw new DomainError('approval.expired');
    if (asked.state !== 'pending') throw new DomainError('approval.decided', { members: { state: asked.state } });
    // The guard let them in a moment ago; and the table goes by the session as it is now.
    if (!(await this.sessions.keepOpen(tx, decision.in))) throw new DomainError('auth.session_over');
    return this.store.decide(tx, asked.id, decision);
  }

  /** A person who left, or may not ask for such a thing any more, has nothing done through somebody else. */
  private async mustStillAsk(tx: Tx, { askedBy, area }: ApprovalRow): Promise<void> {
    const maker = await this.admins.find(tx, askedBy);
    if (maker !== undefined && maker.disabledAt === null) {
      const role = await this.roles.find(tx, maker.role);
      if (role !== undefined && isPermitted(role.permissions, area as AdminArea, 'manage')) return;
    }
    throw new DomainError('approval.maker_gone');
  }
}

function grantedOf(row: ApprovalRow): GrantedApproval {
  if (row.decidedBy === null || row.decidedAt === null) throw new Error('An approval was decided by nobody');
  return {
    approval_id: row.id,
    kind: row.kind,
    payload: row.payload,
    payload_sha256: row.payloadSha256,
    asked_by: row.askedBy,
    granted_by: row.decidedBy,
    granted_at: row.decidedAt.toISOString(),
  };
}

function contextOf(aggregateId: string, { correlationId }: Cause): EventContext {
  return { aggregateId, merchantId: null, cause: { correlationId } };
}
