/** A million payments of the last month, with people in them who pay again and again, and what they leave in every module. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { encodeId } from '../src/kernel/ids/ids.js';
import { BenchError } from './bench-error.js';
import { checkpoint } from './scratch-database.js';
import type { Stage } from './stage.js';

export const PAYMENTS = 1_000_000;
/** How many payments are sampled at most, to ask for each. */
const SAMPLES = 40;
/** Over the last month, of fifty merchants; one in twenty failed, one in a hundred was refunded. Every person pays some ten times. */
const PEOPLE = 100_000;
const MERCHANTS = 50;

/** Of one of the payments. */
export interface Sample {
  readonly id: string;
  readonly reference: string;
  readonly phone: string;
  readonly email: string;
  readonly attempt_reference: string;
  readonly merchant: string;
}

/** The one that all payments went through. */
const ACCOUNT_ID = randomUUID();
export const ACCOUNT = encodeId('gatewayAccount', ACCOUNT_ID);
/** The account in the ledger that all of them moved. */
const CLEARING_ID = randomUUID();
export const CLEARING = encodeId('account', CLEARING_ID);

/** UUIDv7 of a time, as in growth/payment-rows.ts. */
const ID = (what: string): string =>
  `overlay(overlay(md5('${what}' || n) PLACING lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' FROM 1 FOR 13) PLACING 'a' FROM 17 FOR 1)::uuid`;
/** The same moments in every statement. */
const END = new Date().toISOString();
const NUMBERS = `SELECT n, '${END}'::timestamptz - make_interval(secs => (${PAYMENTS} - n) * 30 * 86400.0 / ${PAYMENTS}) AS at, n % ${PEOPLE} AS person,
    md5('merchant' || n % ${MERCHANTS})::uuid AS merchant FROM generate_series(1, ${PAYMENTS}) AS n`;

export async function fillLists(stage: Stage, databaseUrl: string): Promise<readonly Sample[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // What refers to rows of other tables is made here as well; looking each up would take longer than making it.
    await client.query('SET synchronous_commit = off; SET session_replication_role = replica');
    await client.query(`
      INSERT INTO payments.payment (id, merchant_id, livemode, reference, amount, currency, method, customer, metadata, platform_fee, status, failure_code,
        gateway, gateway_account_id, winning_attempt_id, gateway_fee, correlation_id, created_at, concluded_at)
      SELECT ${ID('payment')}, merchant, true, 'order-' || md5('reference' || n), 1000 + n % 90000, 'GHS',
        jsonb_build_object('type', 'mobile_money', 'network', 'mtn', 'phone', '+23324' || lpad(person::text, 7, '0')),
        jsonb_build_object('email', 'person' || person || '@example.com'), '{}', 5,
        CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'succeeded' END, CASE WHEN n % 20 = 0 THEN 'declined' END,
        'paystack', md5('account')::uuid, CASE WHEN n % 20 <> 0 THEN ${ID('attempt')} END, 2, 'req_' || n, at, at
        FROM (${NUMBERS}) rows`);
    stage.signal.throwIfAborted();
    await client.query(`
      INSERT INTO payments.attempt (id, payment_id, merchant_id, version, gateway, gateway_account_id, reference, status, started_at, concluded_at)
      SELECT ${ID('attempt')}, ${ID('payment')}, merchant, 3, 'paystack', md5('account')::uuid, md5('gateway' || n), 'succeeded', at, at
        FROM (${NUMBERS}) rows`);
    await client.query(`
      INSERT INTO payments.refund (id, merchant_id, livemode, payment_id, source, captured_by, amount, currency, counted, metadata, status, gateway,
        gateway_account_id, attempt_id, gateway_fee, correlation_id, created_at, succeeded_at, concluded_at)
      SELECT ${ID('refund')}, merchant, true, ${ID('payment')}, 'merchant', ${ID('attempt')}, 500, 'GHS', 500, '{}', 'succeeded', 'paystack',
        md5('account')::uuid, ${ID('refunding')}, 0, 'req_' || n, at, at, at
        FROM (${NUMBERS}) rows WHERE n % 100 = 1`);
    stage.signal.throwIfAborted();
    await fillRouting(client);
    for (const sql of ELSEWHERE) {
      stage.signal.throwIfAborted();
      await client.query(sql);
    }
    await client.query('VACUUM (ANALYZE)');
    const { rows } = await client.query<Sample & { merchant_id: string }>(
      `SELECT p.id, p.reference, p.method ->> 'phone' AS phone, p.customer ->> 'email' AS email, a.reference AS attempt_reference, p.merchant_id
         FROM payments.payment p JOIN payments.attempt a ON a.payment_id = p.id WHERE right(p.reference, 3) = 'abc' LIMIT ${SAMPLES}`,
    );
    await checkpoint(stage.services.postgres.adminUrl);
    if (rows.length === 0) throw new BenchError('no payment was made');
    return rows.map((row) => ({
      ...row,
      id: encodeId('payment', row.id),
      merchant: encodeId('merchant', row.merchant_id),
    }));
  } finally {
    await client.end();
  }
}

/** What routing knows of the same payments. */
async function fillRouting(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO routing.gateway_account (id, livemode, gateway, name, base_url, credentials) VALUES ($1, true, 'paystack', 'bench', 'http://127.0.0.1:1', '{}')`,
    [ACCOUNT_ID],
  );
  await client.query(`
    INSERT INTO routing.payment (payment_id, merchant_id, livemode, amount, currency, kind, method, customer, state, caused_by, headers, created_at)
    SELECT ${ID('payment')}, merchant, true, 1000, 'GHS', 'payment', '{"type":"mobile_money","network":"mtn","phone":"+233241234567"}', '{}',
      CASE WHEN n % 20 = 0 THEN 'exhausted' ELSE 'routed' END, ${ID('cause')}, '{}', at FROM (${NUMBERS}) rows`);
  await client.query(`
    INSERT INTO routing.attempt (id, payment_id, kind, merchant_id, livemode, sequence, gateway, gateway_account_id, reference, status, outcome_code, blame,
      captured_amount, captured_currency, reason, sent_at, created_at, concluded_at)
    SELECT ${ID('attempt')}, ${ID('payment')}, 'payment', merchant, true, 1, 'paystack', '${ACCOUNT_ID}', md5('gateway' || n),
      CASE WHEN n % 20 = 0 THEN 'declined' ELSE 'succeeded' END, CASE WHEN n % 20 = 0 THEN 'code_' || n % 7 ELSE 'success' END,
      CASE WHEN n % 20 = 0 THEN 'customer' END, CASE WHEN n % 20 <> 0 THEN 1000 END, CASE WHEN n % 20 <> 0 THEN 'GHS' END, '{}',
      at, at, at + make_interval(secs => 1 + n % 9) FROM (${NUMBERS}) rows`);
}

const SHA256 = `sha256(n::text::bytea)`;
/** Of a list which one in so many payments is in. */
const oneIn = (share: number): string => `(${NUMBERS}) rows WHERE n % ${share} = 1`;

/** What the lists of other modules are made of, as it is after as many payments. */
const ELSEWHERE: readonly string[] = [
  `INSERT INTO routing.gateway_webhook (id, gateway, gateway_account_id, dedupe_key, event_type, reference, handles, headers, body, grade, attempt_id, received_at, processed_at, outcome)
   SELECT ${ID('inbound')}, 'paystack', '${ACCOUNT_ID}', 'charge.success:' || n, 'charge.success', md5('gateway' || n), '{}', '{}', '', 'authenticated', ${ID('attempt')}, at, at,
     CASE WHEN n % 50000 = 1 THEN 'unmatched' ELSE 'confirmed' END FROM (${NUMBERS}) rows`,
  `INSERT INTO notification.endpoint (id, merchant_id, livemode, url, status) SELECT md5('endpoint' || n)::uuid, md5('merchant' || n)::uuid, true, 'https://example.com/hooks', 'enabled'
     FROM generate_series(0, ${MERCHANTS - 1}) AS n`,
  `INSERT INTO notification.event (id, source_event_id, type, merchant_id, livemode, body, created_at, subject)
   SELECT ${ID('notice')}, ${ID('source')}, 'payment.succeeded', merchant, true, '{}', at, 'pay_' || n FROM (${NUMBERS}) rows`,
  `INSERT INTO notification.delivery (id, event_id, endpoint_id, status, attempts, last_status, first_attempt_at, last_attempt_at, created_at)
   SELECT ${ID('delivery')}, ${ID('notice')}, md5('endpoint' || n % ${MERCHANTS})::uuid, CASE WHEN n % 20000 = 1 THEN 'failed' ELSE 'delivered' END, 1, 200, at, at, at
     FROM (${NUMBERS}) rows`,
  `INSERT INTO notification.message (id, kind, channel, language, audience, source_event_id, subject_id, merchant_id, livemode, addressee, addressee_hash, data, state, attempts, expires_at, created_at, sent_at)
   SELECT ${ID('message')}, 'payment_receipt', 'sms', 'en', 'customer', ${ID('source')}, ${ID('payment')}, merchant, true, '+233…67', ${SHA256}, '{}',
     CASE WHEN n % 20000 = 1 THEN 'failed' ELSE 'sent' END, 1, at + interval '1 day', at, at FROM (${NUMBERS}) rows`,
  `INSERT INTO ledger.account (id, merchant_id, livemode, currency, kind, normal_side, credits_posted, version, created_at, last_booked_at)
   SELECT md5('pending' || n)::uuid, md5('merchant' || n)::uuid, true, 'GHS', 'merchant_pending', 'credit', ${PAYMENTS} / ${MERCHANTS} * 1000::bigint, ${PAYMENTS} / ${MERCHANTS}, now(), now()
     FROM generate_series(0, ${MERCHANTS - 1}) AS n`,
  `INSERT INTO ledger.account (id, livemode, currency, kind, qualifier, normal_side, debits_posted, version, created_at, last_booked_at)
   VALUES ('${CLEARING_ID}', true, 'GHS', 'gateway_clearing', '${ACCOUNT_ID}', 'debit', ${PAYMENTS} * 1000::bigint, ${PAYMENTS}, now(), now())`,
  `INSERT INTO ledger.transfer (id, debit_account_id, credit_account_id, amount, kind, subject_id, effective_at, created_at)
   SELECT ${ID('transfer')}, '${CLEARING_ID}', md5('pending' || n % ${MERCHANTS})::uuid, 1000, 'payment', ${ID('payment')}, at, at FROM (${NUMBERS}) rows`,
  `INSERT INTO ledger.entry (account_id, account_version, transfer_id, direction, amount, balance, booked_at, effective_on)
   SELECT '${CLEARING_ID}', n, ${ID('transfer')}, 'debit', 1000, n * 1000::bigint, at, at::date FROM (${NUMBERS}) rows`,
  `INSERT INTO ledger.entry (account_id, account_version, transfer_id, direction, amount, balance, booked_at, effective_on)
   SELECT md5('pending' || n % ${MERCHANTS})::uuid, 1 + n / ${MERCHANTS}, ${ID('transfer')}, 'credit', 1000, (1 + n / ${MERCHANTS}) * 1000::bigint, at, at::date FROM (${NUMBERS}) rows`,
  `INSERT INTO reconciliation.record (attempt_id, kind, subject_id, merchant_id, livemode, gateway, gateway_account_id, reference, key, status, version, amount, currency, moved_amount, moved_currency, fee, started_at, concluded_at)
   SELECT ${ID('attempt')}, 'payment', ${ID('payment')}, merchant, true, 'paystack', '${ACCOUNT_ID}', md5('gateway' || n), md5('gateway' || n), 'succeeded', 3, 1000, 'GHS', 1000, 'GHS', 2, at, at
     FROM (${NUMBERS}) rows`,
  `INSERT INTO reconciliation.source (id, kind, name, gateway_account_id, gateway, livemode, window_from, window_to, state, told_at, closed_at, begun_at)
   SELECT ${ID('listing')}, 'listing', 'paystack', '${ACCOUNT_ID}', 'paystack', true, at - interval '1 day', at, 'committed', at, at, at FROM ${oneIn(1_000)}`,
  `INSERT INTO reconciliation.line (id, source_id, ordinal, gateway_account_id, gateway_id, reference, key, aliases, kind, status, amount, fee, net, currency, occurred_at, told_at)
   SELECT ${ID('line')}, md5('source of lines')::uuid, n, '${ACCOUNT_ID}', n::text, md5('gateway' || n), md5('gateway' || n), ARRAY[md5('gateway' || n)], 'charge', 'succeeded', 1000, 2, 998, 'GHS', at, at
     FROM (${NUMBERS}) rows`,
  `INSERT INTO reconciliation.run (id, job, gateway_account_id, gateway, livemode, window_from, window_to, state, created_at, started_at, finished_at)
   SELECT ${ID('run')}, 'daily ' || n, '${ACCOUNT_ID}', 'paystack', true, at - interval '1 day', at, CASE WHEN n % 100000 = 1 THEN 'failed' ELSE 'succeeded' END, at, at, at FROM ${oneIn(1_000)}`,
  `INSERT INTO reconciliation.match (attempt_id, line_id, rule, score, explanation, run_id, matched_at)
   SELECT ${ID('attempt')}, ${ID('line')}, 'reference', 100, 'same reference', md5('run')::uuid, at FROM (${NUMBERS}) rows`,
  `INSERT INTO reconciliation.break (id, kind, side, subject, subject_id, gateway_account_id, gateway, livemode, merchant_id, attempt_id, amount, currency, differences, owner, occurred_at, opened_by, opened_at, closed_by, closed_at, closed_why)
   SELECT ${ID('break')}, CASE WHEN n % 5000 = 1 THEN 'fee' ELSE 'missing_there' END, 'gateway', 'record', ${ID('attempt')}, '${ACCOUNT_ID}', 'paystack', true, merchant, ${ID('attempt')}, 1000, 'GHS', '[]',
     CASE WHEN n % 10000 = 1 THEN 'finance' ELSE 'operations' END, at, md5('run')::uuid, at, CASE WHEN n % 1000 = 1 THEN NULL ELSE md5('run')::uuid END,
     CASE WHEN n % 1000 = 1 THEN NULL ELSE at END, CASE WHEN n % 1000 = 1 THEN NULL ELSE 'agrees' END FROM ${oneIn(20)}`,
  `INSERT INTO reconciliation.resolution (id, break_id, action, state, is_automatic, remark, subject_id, identity, content, gateway_account_id, livemode, created_at, decided_at)
   SELECT ${ID('resolution')}, ${ID('break')}, 'dismiss', 'done', true, 'it came later', ${ID('attempt')}, n::text, '{}', '${ACCOUNT_ID}', true, at, at FROM ${oneIn(20)}`,
  `INSERT INTO reconciliation.settlement (id, gateway_account_id, gateway, livemode, gateway_id, status, currency, gross, fees, net, settled_at, told_at, created_at)
   SELECT ${ID('settlement')}, '${ACCOUNT_ID}', 'paystack', true, n::text, CASE WHEN n % 10000 = 1 THEN 'pending' ELSE 'settled' END, 'GHS', 1000, 2, 998, at, at, at FROM ${oneIn(100)}`,
  `INSERT INTO reconciliation.bank_line (id, source_id, ordinal, file_line, livemode, account, booked_on, amount, currency, is_reversal, reference_texts)
   SELECT ${ID('bank line')}, ${ID('statement')}, 1, 1, true, 'GH00 0000', at::date, 998, 'GHS', false, '[]' FROM ${oneIn(100)}`,
  `INSERT INTO reconciliation.day_report (id, run_id, gateway_account_id, gateway, livemode, day, figures, breaks, created_at)
   SELECT ${ID('report')}, ${ID('run')}, '${ACCOUNT_ID}', 'paystack', true, date '2000-01-01' + (n / 1000)::int, '[]', '[]', at FROM ${oneIn(1_000)}`,
  `INSERT INTO auth.merchant (id, name, platform_fee_bps, created_at) SELECT ${ID('merchant')}, 'Merchant ' || n, 50, at FROM ${oneIn(100)}`,
  `INSERT INTO auth.audit_entry (seq, id, at, type, request_id, route, status, content, hash)
   SELECT 1000 + n, ${ID('entry')}, at, 'access.admin_answered.v1', 'req_' || n, 'GET /admin/v1/payments', 200,
     json_build_object('id', ${ID('entry')}, 'at', at, 'type', 'access.admin_answered.v1', 'actor_id', NULL, 'request_id', 'req_' || n, 'subject_id', n::text, 'route', 'GET /admin/v1/payments', 'status', 200, 'details', '{}'::json)::text,
     ${SHA256} FROM (${NUMBERS}) rows`,
  `INSERT INTO auth.approval (id, kind, area, subject, payload, payload_sha256, state, asked_by, asked_in, asked_at, expires_at)
   SELECT ${ID('approval')}, 'payments.refund', 'payments', 'pay_' || n, '{}', sha256(convert_to(E'payments.refund\\n{}', 'UTF8')), 'expired', md5('maker')::uuid, md5('session')::uuid, at, at + interval '1 hour'
     FROM ${oneIn(100)}`,
];
