/** How messages look over HTTP, and as CSV. */
import type { CsvColumns } from '../../../kernel/http/csv-pages.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import type { MessageAttemptRow, MessageRow } from './message-lists.store.js';

export interface MessageView {
  readonly object: 'message';
  readonly id: string;
  readonly kind: string;
  readonly channel: string;
  readonly language: string;
  readonly audience: string;
  /** Masked: `a***@example.com`. */
  readonly addressee: string;
  readonly merchant_id: string | null;
  readonly livemode: boolean | null;
  /** Of alerts: how many things it tells of. */
  readonly count: number;
  /** `failed`: refused for good; `abandoned`: too old, or nobody knows whether it was taken and it must not come twice. */
  readonly state: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly expires_at: string;
  readonly last_error: string | null;
  /** The provider's name for it. */
  readonly provider_id: string | null;
  readonly resend_of: string | null;
  readonly created_at: string;
  readonly sent_at: string | null;
}

export interface MessageAttemptView {
  readonly attempt: number;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly outcome: string;
  readonly error: string | null;
  readonly provider_id: string | null;
}

export type MessageWithLogView = MessageView & { readonly log: readonly MessageAttemptView[] };

export function viewMessage(row: MessageRow): MessageView {
  return {
    object: 'message',
    id: encodeId('message', row.id),
    kind: row.kind,
    channel: row.channel,
    language: row.language,
    audience: row.audience,
    addressee: row.addressee,
    merchant_id: row.merchantId === null ? null : encodeId('merchant', row.merchantId),
    livemode: row.livemode,
    count: row.count,
    state: row.state,
    attempts: row.attempts,
    next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
    expires_at: row.expiresAt.toISOString(),
    last_error: row.lastError,
    provider_id: row.providerId,
    resend_of: row.resendOf === null ? null : encodeId('message', row.resendOf),
    created_at: row.createdAt.toISOString(),
    sent_at: row.sentAt?.toISOString() ?? null,
  };
}

export function viewAttempt(row: MessageAttemptRow): MessageAttemptView {
  return {
    attempt: row.attempt,
    started_at: row.startedAt.toISOString(),
    duration_ms: row.durationMs,
    outcome: row.outcome,
    error: row.error,
    provider_id: row.providerId,
  };
}

export const MESSAGE_CSV: CsvColumns<MessageView> = {
  id: (message) => message.id,
  created_at_utc: (message) => message.created_at,
  kind: (message) => message.kind,
  channel: (message) => message.channel,
  language: (message) => message.language,
  audience: (message) => message.audience,
  addressee_masked: (message) => message.addressee,
  merchant: (message) => message.merchant_id,
  livemode: (message) => message.livemode,
  state: (message) => message.state,
  attempts: (message) => message.attempts,
  last_error: (message) => message.last_error,
  provider_id: (message) => message.provider_id,
  resend_of: (message) => message.resend_of,
  sent_at_utc: (message) => message.sent_at,
};
