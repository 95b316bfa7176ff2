/** The one statement that accepts payments: claims keys, inserts payments, appends events. */
import { crashPoint } from '../../kernel/crash-points/crash-points.js';
import type { NewEvent } from '../../kernel/outbox/event.js';
import { relayWake } from '../../kernel/outbox/relay-wake.js';
import type { Database } from '../../kernel/database/database.js';
import { statement } from '../../kernel/database/tx.js';
import type { CompletedResponse, KeyScope } from '../../kernel/idempotency/idempotency-cache.js';
import type { KeyRow } from '../../kernel/idempotency/idempotency-keys.js';
import { isUniqueViolation } from '../../kernel/database/sql-state.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import type { Payment } from './payment.js';

/** A payment to be accepted, with everything that goes into its rows. */
export interface Acceptance {
  readonly scope: KeyScope;
  readonly route: string;
  readonly fingerprint: Buffer;
  readonly payment: Payment;
  readonly correlationId: string;
  readonly event: NewEvent;
  /** The answer, when it is known already; a caller who waits for the outcome leases the key instead. */
  readonly response: CompletedResponse | undefined;
  readonly leaseSeconds: number;
}

export type AcceptanceResult =
  | { readonly kind: 'accepted'; readonly fence: bigint }
  | { readonly kind: 'key_exists'; readonly key: KeyRow }
  | { readonly kind: 'reference_exists'; readonly paymentId: string };

/** Another process may claim the same key or reference between our look and our insert; the second look then sees it. */
const MAX_RACES = 5;

/*
 * LATERAL with LIMIT 1 makes PostgreSQL probe the indexes once per row whatever it believes about the size of the tables:
 * a cached plan made while they were empty would otherwise go on scanning them when they are not.
 */
const acceptStatement = statement(
  'payments.accept',
  `WITH input AS MATERIALIZED (
     SELECT t.*, k.fingerprint AS known_fingerprint, k.resource_id, k.status AS known_status, k.body AS known_body, k.fence,
            k.locked_until < now() AS lease_expired, p.id AS reference_owner
       FROM json_to_recordset($1::json)
         AS t(payment_id uuid, merchant_id uuid, livemode boolean, key text, route text, fingerprint text, reference text, amount bigint, currency text,
              method jsonb, customer jsonb, description text, metadata jsonb, platform_fee bigint, correlation_id text, created_at timestamptz,
              response_status smallint, response_body text, lease_seconds float8, event_id uuid, event_type text, aggregate_type text, payload jsonb, headers jsonb)
       LEFT JOIN LATERAL (SELECT * FROM idempotency.key k WHERE k.merchant_id = t.merchant_id AND k.livemode = t.livemode AND k.key = t.key LIMIT 1) k ON true
       LEFT JOIN LATERAL (SELECT id FROM payments.payment p WHERE p.merchant_id = t.merchant_id AND p.livemode = t.livemode AND p.reference = t.reference LIMIT 1) p ON true
   ), fresh AS MATERIALIZED (
     SELECT * FROM input WHERE known_fingerprint IS NULL AND reference_owner IS NULL
   ), keys AS (
     INSERT INTO idempotency.key (merchant_id, livemode, key, route, fingerprint, resource_id, status, body, locked_until)
     SELECT merchant_id, livemode, key, route, decode(fingerprint, 'hex'), payment_id, response_status, response_body,
            CASE WHEN response_status IS NULL THEN now() + make_interval(secs => lease_seconds) END
       FROM fresh ORDER BY merchant_id, livemode, key
   ), paid AS (
     INSERT INTO payments.payment (id, merchant_id, livemode, reference, amount, currency, method, customer, description, metadata, platform_fee, status, correlation_id, created_at)
     SELECT payment_id, merchant_id, livemode, reference, amount, currency, method, customer, description, metadata, platform_fee, 'processing', correlation_id, created_at
       FROM fresh ORDER BY payment_id
   ), told AS (
     INSERT INTO messaging.outbox (id, type, aggregatetype, aggregateid, merchant_id, payload, headers)
     SELECT event_id, event_type, aggregate_type, payment_id::text, merchant_id, payload, headers FROM fresh
   )
   SELECT payment_id, known_fingerprint, resource_id, known_status, known_body, fence, lease_expired, reference_owner FROM input`,
);

interface ResultRow {
  readonly payment_id: string;
  readonly known_fingerprint: Buffer | null;
  readonly resource_id: string | null;
  readonly known_status: number | null;
  readonly known_body: string | null;
  readonly fence: bigint | null;
  readonly lease_expired: boolean | null;
  readonly reference_owner: string | null;
}

function toResult(row: ResultRow): AcceptanceResult {
  if (row.known_fingerprint !== null && row.resource_id !== null) {
    return {
      kind: 'key_exists',
      key: {
        fingerprint: row.known_fingerprint,
        resourceId: row.resource_id,
        status: row.known_status,
        body: row.known_body,
        fence: row.fence ?? 1n,
        leaseExpired: row.lease_expired ?? false,
      },
    };
  }
  if (row.reference_owner !== null) return { kind: 'reference_exists', paymentId: row.reference_owner };
  return { kind: 'accepted', fence: 1n };
}

/** One JSON document instead of a parameter per column: both sides read and write it several times faster than arrays. */
function document(items: readonly Acceptance[]): string {
  return JSON.stringify(
    items.map(({ scope, route, fingerprint, payment, correlationId, event, response, leaseSeconds }) => ({
      payment_id: payment.id,
      merchant_id: scope.merchantId,
      livemode: scope.livemode,
      key: scope.key,
      route,
      fingerprint: fingerprint.toString('hex'),
      reference: payment.reference,
      amount: toJsonAmount(payment.amountMinor),
      currency: payment.currency,
      method: payment.method,
      customer: payment.customer,
      description: payment.description,
      metadata: payment.metadata,
      platform_fee: toJsonAmount(payment.platformFeeMinor),
      correlation_id: correlationId,
      created_at: payment.createdAt,
      response_status: response?.status ?? null,
      response_body: response?.body ?? null,
      lease_seconds: leaseSeconds,
      event_id: event.id,
      event_type: event.type,
      aggregate_type: event.aggregateType,
      payload: event.payload,
      headers: event.headers,
    })),
  );
}

const keyOf = ({ scope }: Acceptance): string => `${scope.merchantId}/${scope.livemode}/k/${scope.key}`;
const referenceOf = ({ scope, payment }: Acceptance): string =>
  `${scope.merchantId}/${scope.livemode}/r/${payment.reference}`;

/**
 * Accepts a batch in one commit and says for each what became of it. Items that share a key or a reference go in one
 * after the other, so that the later ones see the first.
 */
export async function acceptAll(database: Database, items: readonly Acceptance[]): Promise<AcceptanceResult[]> {
  const results = new Map<string, AcceptanceResult>();
  let remaining = items;
  while (remaining.length > 0) {
    const taken = new Set<string>();
    const now: Acceptance[] = [];
    const later: Acceptance[] = [];
    for (const item of remaining) {
      const names = [keyOf(item), referenceOf(item)];
      if (names.some((name) => taken.has(name))) later.push(item);
      else {
        now.push(item);
        for (const name of names) taken.add(name);
      }
    }
    for (const row of await acceptDistinct(database, now)) results.set(row.payment_id, toResult(row));
    remaining = later;
  }
  relayWake.signal();
  return items.map((item) => {
    const result = results.get(item.payment.id);
    if (result === undefined) throw new Error('a payment of the batch got no answer');
    return result;
  });
}

async function acceptDistinct(database: Database, items: readonly Acceptance[]): Promise<ResultRow[]> {
  for (let race = 1; ; race += 1) {
    try {
      crashPoint('payments.before_accept');
      const rows = await database.query<ResultRow>(acceptStatement, [document(items)]);
      crashPoint('payments.after_accept');
      return rows;
    } catch (error) {
      if (!isUniqueViolation(error) || race === MAX_RACES) throw error;
    }
  }
}
