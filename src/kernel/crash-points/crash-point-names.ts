/**
 * The places where a process may be made to die or to freeze, for the simulator (test/simulation): before and after each commit,
 * gateway call and acknowledgement. A test holds this list equal to the calls in the source.
 */
export const CRASH_POINTS = [
  /** Every transaction of every module: nothing of it is committed, or all of it and nobody was told. */
  'database.before_commit',
  'database.after_commit',
  /** A merchant's request: the payment is not there yet, or it is and the answer has not left. */
  'payments.before_accept',
  'payments.after_accept',
  /** A caller who waited: the answer is known and not written under the key, or written and not sent. */
  'payments.before_key_answer',
  'payments.after_key_answer',
  /** The attempt is planned; it is ours to send and nothing left; the gateway answered and nobody wrote it down; it is written down. */
  'routing.before_claim',
  'routing.before_gateway_call',
  'routing.after_gateway_call',
  'routing.after_outcome',
  /** A check was taken by this process; its gateway answered. */
  'routing.after_check_claim',
  'routing.after_gateway_query',
  /** A gateway's webhook: not stored; stored and not acknowledged; acted upon and not marked. */
  'routing.before_webhook_stored',
  'routing.after_webhook_stored',
  'routing.after_webhook_acted',
  /** The relay: events read; handed to the queue, with the cursor where it was; the cursor moved. */
  'outbox.before_dispatch',
  'outbox.after_dispatch',
  'outbox.after_cursor',
  /** A consumer: inbox rows written, effect not; effect written, commit not; committed, job not acknowledged. */
  'outbox.before_effect',
  'outbox.after_effect',
  'outbox.before_acknowledgement',
  /** The ledger: transfers posted, every account of the batch locked, commit not. */
  'ledger.after_posting',
  /** The ledger: holds placed, posted and voided, every account of the batch locked, commit not. */
  'ledger.after_holding',
  /** The ledger: what was due is released, the accounts locked, commit not. */
  'ledger.after_releasing',
  /** The sweeper noted what was missing; handed it to the queue. */
  'outbox.after_sweep',
  'outbox.after_redispatch',
  /** A webhook to a merchant: about to leave; taken by the merchant and not written down; written down. */
  'notification.before_send',
  'notification.after_send',
  'notification.after_result',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];
