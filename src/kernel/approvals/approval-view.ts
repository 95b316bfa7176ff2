import { encodeId } from '../ids/ids.js';

/** `approved`: it is about to be carried out. `done` and `failed`: it was, or could not be any more. */
export const APPROVAL_STATES = ['pending', 'approved', 'done', 'failed', 'rejected', 'withdrawn', 'expired'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

export interface ApprovalRow {
  readonly id: string;
  readonly kind: string;
  readonly area: string;
  readonly subject: string;
  /** Canonical JSON. */
  readonly payload: string;
  /** Hex. */
  readonly payloadSha256: string;
  readonly reason: string | null;
  readonly state: ApprovalState;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly remark: string | null;
  readonly carriedOutAt: Date | null;
  readonly failureCode: string | null;
  readonly failureDetail: string | null;
}

/** Something that one person asked for, and that another has to approve. */
export interface ApprovalView {
  readonly object: 'approval';
  readonly id: string;
  /** `<module>.<what it does>`. */
  readonly kind: string;
  /** Who authorises there may approve it. */
  readonly area: string;
  readonly subject: string;
  /** All that will be done. */
  readonly payload: unknown;
  readonly payload_sha256: string;
  readonly reason: string | null;
  readonly state: ApprovalState;
  readonly asked_by: string;
  readonly asked_at: string;
  readonly expires_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly remark: string | null;
  readonly carried_out_at: string | null;
  /** Why it could not be done any more: a code of docs/problems. */
  readonly failure: { readonly code: string; readonly detail: string | null } | null;
}

export function viewApproval(row: ApprovalRow): ApprovalView {
  return {
    object: 'approval',
    id: encodeId('approval', row.id),
    kind: row.kind,
    area: row.area,
    subject: row.subject,
    payload: JSON.parse(row.payload) as unknown,
    payload_sha256: row.payloadSha256,
    reason: row.reason,
    state: row.state,
    asked_by: encodeId('admin', row.askedBy),
    asked_at: row.askedAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    decided_by: row.decidedBy === null ? null : encodeId('admin', row.decidedBy),
    decided_at: row.decidedAt?.toISOString() ?? null,
    remark: row.remark,
    carried_out_at: row.carriedOutAt?.toISOString() ?? null,
    failure: row.failureCode === null ? null : { code: row.failureCode, detail: row.failureDetail },
  };
}
