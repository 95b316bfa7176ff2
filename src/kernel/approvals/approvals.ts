import { Injectable } from '@nestjs/common';
import { isPermitted, readPermissions, type AdminArea } from '../access/permissions.js';
import type { AdminPrincipal } from '../access/principal.js';
import type { Database } from '../database/database.js';
import { databaseNow } from '../database/database-now.js';
import { Databases } from '../database/databases.js';
import { statement } from '../database/tx.js';
import { DomainError } from '../errors/domain-error.js';
import { newUuid } from '../ids/ids.js';
import { appendEvents } from '../outbox/append.js';
import { newEvent } from '../outbox/event.js';
import { hashPayload, writePayload, type ApprovalAction } from './approval-action.js';
import { viewApproval, type ApprovalView } from './approval-view.js';
import { approvalAsked, MAX_PAYLOAD_LENGTH } from './approvals.events.js';

/** What nobody approved within a day has to be asked for again (STANDARDS.md, section 6). */
const LASTS_MS = 86_400_000;
/** Far more people than any back-office has. */
const MAX_PEOPLE = 1_000;

export interface ApprovalRequest<Payload> {
  readonly payload: Payload;
  /** What it is about, as people name it: an id, or the version of a rule set. */
  readonly subject: string;
  /** For whoever approves. */
  readonly reason?: string | null | undefined;
  readonly by: AdminPrincipal;
  readonly correlationId: string;
}

const selectOthers = statement(
  'access.select_other_admins',
  'SELECT permissions FROM access.admin WHERE NOT disabled AND admin_id <> $1 ORDER BY admin_id LIMIT $2',
);

/** Asks for what somebody else has to approve. The module that is asked has made sure that it could be done now. */
@Injectable()
export class Approvals {
  constructor(private readonly databases: Databases) {}

  /**
   * @param database of the module that is asked, and carries it out
   * @throws {DomainError} auth.people_only, approval.nobody_else, request.too_large
   */
  async ask<Payload>(
    database: Database,
    action: ApprovalAction<Payload>,
    { payload, subject, reason, by, correlationId }: ApprovalRequest<Payload>,
  ): Promise<ApprovalView> {
    if (by.session === undefined) throw new DomainError('auth.people_only');
    const text = writePayload(action, payload);
    if (text.length > MAX_PAYLOAD_LENGTH) throw new DomainError('request.too_large');
    await this.mustHaveAnother(by.id, action.area);
    const id = newUuid();
    const now = await databaseNow(database);
    const asked = {
      approval_id: id,
      kind: action.kind,
      area: action.area,
      payload: text,
      payload_sha256: hashPayload(action.kind, text),
      subject,
      reason: reason ?? null,
      asked_by: by.id,
      asked_in: by.session.id,
      asked_at: now.toISOString(),
      expires_at: new Date(now.getTime() + LASTS_MS).toISOString(),
    };
    await database.transaction((tx) =>
      appendEvents(tx, [
        newEvent(approvalAsked, { aggregateId: id, merchantId: null, cause: { correlationId } }, asked),
      ]),
    );
    return viewApproval({
      id,
      kind: action.kind,
      area: action.area,
      subject,
      payload: text,
      payloadSha256: asked.payload_sha256,
      reason: asked.reason,
      state: 'pending',
      askedBy: by.id,
      askedAt: now,
      expiresAt: new Date(asked.expires_at),
      decidedBy: null,
      decidedAt: null,
      remark: null,
      carriedOutAt: null,
      failureCode: null,
      failureDetail: null,
    });
  }

  /** Otherwise it would wait for a day for nobody. */
  private async mustHaveAnother(id: string, area: AdminArea): Promise<void> {
    const others = await this.databases.of('kernel').query<{ permissions: unknown }>(selectOthers, [id, MAX_PEOPLE]);
    if (others.some(({ permissions }) => isPermitted(readPermissions(permissions), area, 'authorise'))) return;
    throw new DomainError('approval.nobody_else', { detail: `Nobody else may authorise ${area}.` });
  }
}
