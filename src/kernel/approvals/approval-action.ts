import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { AdminArea } from '../access/permissions.js';
import type { Tx } from '../database/tx.js';
import { DomainError } from '../errors/domain-error.js';
import { canonicalJson } from '../idempotency/idempotency-key.js';

/** Something that one person asks for and another approves. */
export interface ApprovalAction<Payload> {
  /** `<module>.<what it does>`. */
  readonly kind: string;
  /** Who manages there may ask for it, who authorises there may approve it. */
  readonly area: AdminArea;
  /** All that is needed to do it, later and elsewhere. No secrets: it is shown, and kept for good. */
  readonly payload: z.ZodType<Payload>;
}

/** What was approved, by whom. */
export interface Grant {
  readonly approvalId: string;
  readonly askedBy: string;
  readonly grantedBy: string;
  /** Goes on with what the approval began. */
  readonly correlationId: string;
}

export type ShownOnce = Readonly<Record<string, string>>;

/** An action, and how it is done. */
export interface ApprovedWork {
  readonly kind: string;
  /**
   * Does it in the transaction of the caller, once.
   * @param payload as it was written
   * @returns what is shown to whoever approved, and kept nowhere: only where the module that decides does it itself
   * @throws {DomainError} when it cannot be done any more: nothing of it is kept
   */
  carryOut(tx: Tx, payload: string, grant: Grant): Promise<ShownOnce | undefined>;
}

export function approvedWork<Payload>(
  { kind, payload: schema }: ApprovalAction<Payload>,
  carryOut: (tx: Tx, payload: Payload, grant: Grant) => Promise<ShownOnce | undefined>,
): ApprovedWork {
  return {
    kind,
    async carryOut(tx, payload, grant) {
      const read = schema.safeParse(JSON.parse(payload));
      if (!read.success) throw new DomainError('approval.not_genuine');
      return carryOut(tx, read.data, grant);
    },
  };
}

/** @returns hex SHA-256, as the database computes it again */
export function hashPayload(kind: string, payload: string): string {
  return createHash('sha256').update(`${kind}\n${payload}`).digest('hex');
}

export function writePayload<Payload>(action: ApprovalAction<Payload>, payload: Payload): string {
  return canonicalJson(action.payload.parse(payload));
}
