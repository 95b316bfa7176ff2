/** The one statement that accepts payments: claims keys, inserts payments, appends events. */
import { outboxColumns } from '../../kernel/outbox/append.js';
import type { NewEvent } from '../../kernel/outbox/event.js';
import { relayWake } from '../../kernel/outbox/relay-wake.js';
import type { Database } from '../../kernel/database/database.js';
import { statement } from '../../kernel/database/tx.js';
import type { CompletedResponse, KeyScope } from '../../kernel/idempotency/idempotency-cache.js';
import type { KeyRow } from '../../kernel/idempotency/idempotency-keys.js';
import { isUniqueViolation } from '../../kernel/database/sql-state.js';
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
       FROM unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::bigint[], $9::text[],
                   $10::jsonb[], $11::jsonb[], $12::text[], $13::jsonb[], $14::bigint[], $15::text[], $16::timestamptz[], $17::smallint[], $18::text[], $19::float8[])
         AS t(payment_id, merchant_id, livemode, key, route, fingerprint, reference, amount, currency,
              method, customer, description, metadata, platform_fee, correlation_id, created_at, response_status, response_body, lease_seconds)
       LEFT JOIN LATERAL (SELECT * FROM idempotency.key k WHERE k.merchant_id = t.merchant_id AND k.livemode = t.livemode AND k.key = t.key LIMIT 1) k ON true
       LEFT JOIN LATERAL (SELECT id FROM payments.payment p WHERE p.merchant_id = t.merchant_id AND p.livemode = t.livemode AND p.reference = t.reference LIMIT 1) p ON true
   ), fresh AS MATERIALIZED (
     SELECT * FROM input WHERE known_fingerprint IS NULL AND reference_owner IS NULL
   ), keys AS (
     INSERT INTO idempotency.key (merchant_id, livemode, key, route, fingerprint, resource_id, status, body, locked_until)
     SELECT merchant_id, livemode, key, route, fingerprint, payment_id, response_status, response_body,
            CASE WHEN response_status IS NULL THEN now() + make_interval(secs => lease_seconds) END
       FROM fresh ORDER BY merchant_id, livemode, key
   ), paid AS (
     INSERT INTO payments.payment (id, merchant_id, livemode, reference, amount, currency, method, customer, description, metadata, platform_fee, status, correlation_id, created_at)
     SELECT payment_id, merchant_id, livemode, reference, amount, currency, method, customer, description, metadata, platform_fee, 'processing', correlation_id, created_at
       FROM fresh ORDER BY payment_id
   ), told AS (
     INSERT INTO messaging.outbox (id, type, aggregatetype, aggregateid, merchant_id, payload, headers)
     SELECT e.* FROM unnest($20::uuid[], $21::text[], $22::text[], $23::text[], $24::uuid[], $25::jsonb[], $26::jsonb[])
                       AS e(id, type, aggregatetype, aggregateid, merchant_id, payload, headers)
      WHERE e.aggregateid IN (SELECT payment_id::text FROM fresh)
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

function columns(items: readonly Acceptance[]): unknown[] {
  return [
    items.map((item) => item.payment.id),
    items.map((item) => item.scope.merchantId),
    items.map((item) => item.scope.livemode),
    items.map((item) => item.scope.key),
    items.map((item) => item.route),
    items.map((item) => item.fingerprint),
    items.map((item) => item.payment.reference),
    items.map((item) => item.payment.amountMinor),
    items.map((item) => item.payment.currency),
    items.map((item) => JSON.stringify(item.payment.method)),
    items.map((item) => JSON.stringify(item.payment.customer)),
    items.map((item) => item.payment.description),
    items.map((item) => JSON.stringify(item.payment.metadata)),
    items.map((item) => item.payment.platformFeeMinor),
    items.map((item) => item.correlationId),
    items.map((item) => item.payment.createdAt),
    items.map((item) => item.response?.status ?? null),
    items.map((item) => item.response?.body ?? null),
    items.map((item) => item.leaseSeconds),
    ...outboxColumns(items.map((item) => item.event)),
  ];
}

const keyOf = ({ scope }: Acceptance): string => `${scope.merchantId}/${scope.livemode}/k/${scope.key}`;
const referenceOf = ({ scope, payment }: Acceptance): string => `${scope.merchantId}/${scope.livemode}/r/${payment.reference}`;

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
      return await database.query<ResultRow>(acceptStatement, columns(items));
    } catch (error) {
      if (!isUniqueViolation(error) || race === MAX_RACES) throw error;
    }
  }
}
