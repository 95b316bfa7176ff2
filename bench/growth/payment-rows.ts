/**
 * The rows that a payment leaves behind, as copies of those of a real one: same contents and sizes; ids, references, keys and
 * times of their own. What stands inside bodies and payloads is that of the real payment: nobody looks there any more.
 *
 * Expressions are SQL: `n` is the number of the copy from 1 on, `at` the time of its payment, `sample` the row that is copied.
 */

/** The rows of one table. */
export interface CopiedRows {
  readonly table: string;
  /** The rows of the real payment; may have columns more than the table, for the expressions. */
  readonly sample: string;
  /** What a copy has of its own; null: the table's default. */
  readonly own: Readonly<Record<string, string | null>>;
  /** Only what is younger is there: the rest has been cleaned away. */
  readonly keptHours?: number;
  /** A unique constraint in whose order rows do not come, which is faster to make for all of them at once. */
  readonly randomOrder?: string;
}

/** As retention keeps them, less an hour: it must find nothing to do while something is measured. */
const KEPT_HOURS = 71;

/** UUIDv7: the time in its first 48 bits, then what tells ids of one time apart. The same `what` of a copy is the same id. */
function id(what: string): string {
  const milliseconds = `lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')`;
  return `overlay(overlay(md5(${what} || n) PLACING ${milliseconds} || '7' FROM 1 FOR 13) PLACING 'a' FROM 17 FOR 1)::uuid`;
}

/** What merchants make up themselves: UUIDv4, say. */
function random(what: string): string {
  return `md5(${what} || n)::uuid::text`;
}

const paymentId = id(`'payment'`);
const attemptId = id(`'attempt'`);
const attemptReference = `replace(${attemptId}::text, '-', '')`;
const noticeId = id(`'notice'`);
const requestId = `'req_' || left(md5('request' || n), 26)`;
/** An event by its type: each happens once to a payment. */
const eventId = id('sample.type');

const OF_PAYMENTS = `NOT LIKE 'auth.%'`;

export const PAYMENT_ROWS: readonly CopiedRows[] = [
  {
    table: 'payments.payment',
    sample: 'SELECT * FROM payments.payment',
    own: {
      id: paymentId,
      reference: random(`'reference'`),
      winning_attempt_id: attemptId,
      correlation_id: requestId,
      created_at: 'at',
      concluded_at: 'at',
    },
    randomOrder: 'payment_reference',
  },
  {
    table: 'payments.attempt',
    sample: 'SELECT * FROM payments.attempt',
    own: {
      id: attemptId,
      payment_id: paymentId,
      reference: attemptReference,
      started_at: 'at',
      concluded_at: 'at',
    },
  },
  {
    table: 'idempotency.key',
    sample: 'SELECT * FROM idempotency.key',
    own: { key: random(`'key'`), resource_id: paymentId, created_at: 'at' },
    keptHours: KEPT_HOURS,
    randomOrder: 'key_pkey',
  },
  {
    table: 'routing.payment',
    sample: 'SELECT * FROM routing.payment',
    own: { payment_id: paymentId, caused_by: id(`'payments.payment_created.v1'`), created_at: 'at' },
  },
  {
    table: 'routing.attempt',
    sample: 'SELECT * FROM routing.attempt',
    own: {
      id: attemptId,
      payment_id: paymentId,
      reference: attemptReference,
      send_token: id(`'send'`),
      sent_at: 'at',
      created_at: 'at',
      concluded_at: 'at',
    },
  },
  {
    table: 'routing.gateway_webhook',
    sample: 'SELECT * FROM routing.gateway_webhook',
    own: {
      id: id(`'webhook'`),
      dedupe_key: `'charge.success:' || n || ':success'`,
      reference: attemptReference,
      attempt_id: attemptId,
      received_at: 'at',
      processed_at: 'at',
      body: `''`,
    },
  },
  {
    table: 'ledger.transfer',
    sample: 'SELECT * FROM ledger.transfer',
    own: { id: id('sample.kind'), subject_id: paymentId, effective_at: 'at', created_at: 'at' },
  },
  {
    table: 'ledger.entry',
    // Accounts hold nothing but the real payment: its entries, repeated, go on where they ended.
    sample: `SELECT entry.*, transfer.kind, account.version AS entries,
        (debits_posted - credits_posted) * CASE normal_side WHEN 'debit' THEN 1 ELSE -1 END AS change
      FROM ledger.entry JOIN ledger.transfer ON transfer.id = transfer_id JOIN ledger.account ON account.id = account_id`,
    own: {
      account_version: 'sample.account_version + n * sample.entries',
      transfer_id: id('sample.kind'),
      balance: 'sample.balance + n * sample.change',
    },
  },
  {
    table: 'notification.event',
    sample: 'SELECT * FROM notification.event',
    own: {
      id: noticeId,
      source_event_id: id(`'payments.payment_succeeded.v1'`),
      created_at: 'at',
      body: `''`,
      subject: `'pay_' || lpad(n::text, 26, '0')`,
    },
  },
  {
    table: 'notification.delivery',
    sample: 'SELECT * FROM notification.delivery',
    own: {
      id: id(`'delivery'`),
      event_id: noticeId,
      first_attempt_at: 'at',
      last_attempt_at: 'at',
      created_at: 'at',
    },
  },
  {
    table: 'messaging.outbox',
    sample: `SELECT * FROM messaging.outbox WHERE type ${OF_PAYMENTS}`,
    own: { seq: null, xid: null, id: eventId, aggregateid: `${paymentId}::text`, created_at: 'at' },
    keptHours: KEPT_HOURS,
  },
  {
    table: 'messaging.inbox',
    sample: `SELECT inbox.*, type FROM messaging.inbox JOIN messaging.outbox ON id = event_id WHERE type ${OF_PAYMENTS}`,
    own: { event_id: eventId, event_created_at: 'at', processed_at: 'at' },
    keptHours: KEPT_HOURS,
  },
];

/** The accounts after `copies` more of the one payment that they hold. */
export function accountsAfter(copies: number): string {
  return `UPDATE ledger.account SET debits_posted = debits_posted * (1 + ${copies}), credits_posted = credits_posted * (1 + ${copies}),
    version = version * (1 + ${copies})`;
}
