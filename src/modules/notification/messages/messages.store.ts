/** The SQL of messages: queueing them, taking what is due, writing down what came of it. */
import type { Language } from '../../../config/message-settings.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';
import type { Sealed } from '../../../kernel/secrets/vault.js';
import type { Audience, Channel, Said } from './message-kinds.js';

/** A message about to be queued, with its content sealed. */
export interface NewMessage {
  readonly id: string;
  readonly said: Said;
  readonly channel: Channel;
  readonly language: Language;
  readonly audience: Audience;
  readonly sourceEventId: string;
  readonly subjectId: string | null;
  readonly merchantId: string | null;
  readonly livemode: boolean | null;
  /** Masked. */
  readonly addressee: string;
  readonly addresseeHash: Buffer;
  readonly resendOf: string | null;
  readonly sealed: Sealed;
  readonly expiresAt: Date;
  readonly eraseAt: Date;
}

/** One JSON document: a batch of receipts is one statement. */
const NEW = `json_to_recordset($1::json) AS n(id uuid, kind text, channel text, language text, audience text, "sourceEventId" uuid, "subjectId" uuid,
  "merchantId" uuid, livemode boolean, addressee text, "addresseeHash" text, data jsonb, "resendOf" uuid, sealed jsonb, "expiresAt" timestamptz, "eraseAt" timestamptz)`;

const queueStatement = statement(
  'notification.queue_messages',
  `WITH queued AS (
     INSERT INTO notification.message (id, kind, channel, language, audience, source_event_id, subject_id, merchant_id, livemode, addressee,
       addressee_hash, data, resend_of, next_attempt_at, expires_at)
     SELECT id, kind, channel, language, audience, "sourceEventId", "subjectId", "merchantId", livemode, addressee, decode("addresseeHash", 'hex'), data,
       "resendOf", now(), "expiresAt" FROM ${NEW}
     ON CONFLICT ON CONSTRAINT message_of_event DO NOTHING RETURNING id),
   kept AS (
     INSERT INTO notification.message_content (message_id, sealed, erase_at)
     SELECT n.id, n.sealed, n."eraseAt" FROM ${NEW} JOIN queued ON queued.id = n.id)
   SELECT id FROM queued`,
);

/** Queues messages that are due at once. What its event has queued before is left as it is. @returns ids of those that are new */
export async function queueMessages(tx: Tx, messages: readonly NewMessage[]): Promise<readonly string[]> {
  if (messages.length === 0) return [];
  return (await tx.query<{ id: string }>(queueStatement, [rowsOf(messages)])).map(({ id }) => id);
}

function rowsOf(messages: readonly NewMessage[]): string {
  return JSON.stringify(
    messages.map(({ said, addresseeHash, ...message }) => ({
      ...message,
      kind: said.kind,
      data: said.data,
      addresseeHash: addresseeHash.toString('hex'),
    })),
  );
}

/** Lets a moment pass before the first alert of a kind goes out, in which others of its kind join it. */
const GATHERED_FOR = '5 seconds';
/** At most one alert of a kind and channel in this time, whatever happens. */
export const ALERT_PACE = '10 minutes';

/** As SHOWN_ITEMS of wording.ts; the rest is counted. */
const KEPT_ITEMS = 10;

const gatherStatement = statement(
  'notification.gather_alert',
  `WITH told AS (
     INSERT INTO notification.message AS m (id, kind, channel, language, audience, source_event_id, addressee, addressee_hash, data, count,
       next_attempt_at, expires_at)
     SELECT n.id, n.kind, n.channel, n.language, n.audience, n."sourceEventId", n.addressee, decode(n."addresseeHash", 'hex'), n.data, $2::integer,
       due.at, due.at + (n."expiresAt" - now())
       FROM ${NEW}
       CROSS JOIN LATERAL (SELECT greatest(now() + interval '${GATHERED_FOR}',
         (SELECT p.free_at FROM notification.alert_pace p WHERE p.kind = n.kind AND p.channel = n.channel)) AS at) due
     ON CONFLICT ON CONSTRAINT message_gathers DO UPDATE SET count = m.count + excluded.count,
       data = CASE WHEN jsonb_array_length(m.data -> 'items') >= ${KEPT_ITEMS} THEN m.data
         ELSE jsonb_build_object('items', (SELECT jsonb_agg(kept.item ORDER BY kept.place) FROM (
           SELECT item, place FROM jsonb_array_elements((m.data -> 'items') || (excluded.data -> 'items')) WITH ORDINALITY AS i (item, place)
           ORDER BY place LIMIT ${KEPT_ITEMS}) AS kept)) END
     RETURNING m.id, m.expires_at)
   INSERT INTO notification.message_content (message_id, sealed, erase_at)
   SELECT n.id, n.sealed, n."eraseAt" FROM ${NEW} JOIN told ON told.id = n.id`,
);

/** Adds to the alert of this kind and channel that waits, or makes it. `message` holds the first things that it tells of, `count` says of how many. */
export async function gatherAlert(tx: Tx, message: NewMessage, count: number): Promise<void> {
  await tx.query(gatherStatement, [rowsOf([message]), count]);
}

/** Payments' receipts, by which their refunds find whom to tell. */
const receiptsStatement = statement(
  'notification.receipts_of',
  `SELECT m.id, m.subject_id AS "subjectId", m.channel, m.data ->> 'reference' AS reference, c.sealed
   FROM notification.message m JOIN notification.message_content c ON c.message_id = m.id
   WHERE m.subject_id = ANY($1::uuid[]) AND m.kind = 'receipt_payment' AND m.resend_of IS NULL`,
);

export interface ReceiptRow {
  readonly id: string;
  readonly subjectId: string;
  readonly channel: Channel;
  /** Of the payment. */
  readonly reference: string | null;
  readonly sealed: Sealed;
}

export function receiptsOf(tx: Tx, paymentIds: readonly string[]): Promise<readonly ReceiptRow[]> {
  return tx.query<ReceiptRow>(receiptsStatement, [paymentIds]);
}

/** A message that somebody wants to have sent again. */
export interface ResendRow {
  readonly id: string;
  readonly kind: Said['kind'];
  readonly data: Said['data'];
  readonly channel: Channel;
  readonly language: Language;
  readonly subjectId: string | null;
  readonly merchantId: string | null;
  readonly livemode: boolean | null;
  readonly expiresAt: Date;
  readonly sealed: Sealed | null;
  /** It, or one that was made of it, is not over yet. */
  readonly underWay: boolean;
}

const lockStatement = statement(
  'notification.lock_message',
  'SELECT id FROM notification.message WHERE id = $1 FOR UPDATE',
);
const resendStatement = statement(
  'notification.message_to_resend',
  `SELECT m.id, m.kind, m.data, m.channel, m.language, m.subject_id AS "subjectId", m.merchant_id AS "merchantId", m.livemode, m.expires_at AS "expiresAt",
     (SELECT c.sealed FROM notification.message_content c WHERE c.message_id = m.id) AS sealed,
     m.state IN ('queued', 'sending') OR EXISTS (SELECT FROM notification.message r WHERE r.resend_of = m.id AND r.state IN ('queued', 'sending')) AS "underWay"
   FROM notification.message m WHERE m.id = $1`,
);

/** In two statements: what others have made of it while this one waited for the lock is only seen by the next. */
export async function lockForResend(tx: Tx, id: string): Promise<ResendRow | undefined> {
  await tx.query(lockStatement, [id]);
  return (await tx.query<ResendRow>(resendStatement, [id]))[0];
}
