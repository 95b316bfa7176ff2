/** The SQL that records what came of attempts, a batch at a time. */
import { endpointDisabled } from '../../contracts/notification.events.js';
import type { Database } from '../../kernel/database/database.js';
import { statement, type Tx } from '../../kernel/database/tx.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { IS_PENDING, type ClaimedRow } from './deliveries.store.js';
import type { Throttle, Verdict } from './retry-schedule.js';
import type { AttemptReport } from './webhook-request.js';

/** An endpoint that has failed for this long without one success is disabled. */
const DISABLE_AFTER = '5 days';
/** Rest of an endpoint that asked for some without saying how long: as long as it has been failing, within these bounds. */
const MIN_THROTTLE = '5 seconds';
const MAX_THROTTLE = '5 minutes';

export interface AttemptResult {
  readonly delivery: ClaimedRow;
  readonly report: AttemptReport;
  readonly verdict: Verdict;
  readonly throttle: Throttle | undefined;
}

export type DisableReason = 'gone' | 'failing';

/**
 * A success counts whoever reports it, also after its lease ran out: the merchant has the event. A failure counts only
 * under the claim it was made with, since another process may be trying by now.
 */
const deliveredStatement = statement(
  'notification.record_delivered',
  `WITH healed AS (
     UPDATE notification.endpoint SET failing_since = NULL
     WHERE id = ANY($5::uuid[]) AND failing_since IS NOT NULL)
   UPDATE notification.delivery d
   SET status = 'delivered', next_attempt_at = NULL, attempts = d.attempts + 1, last_status = r.http_status, last_error = NULL,
     last_duration_ms = r.duration_ms, first_attempt_at = coalesce(d.first_attempt_at, r.started_at), last_attempt_at = r.started_at
   FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::timestamptz[]) AS r (id, http_status, duration_ms, started_at)
   WHERE d.id = r.id AND ${IS_PENDING}`,
);

const failedStatement = statement(
  'notification.record_failed',
  `WITH result AS (
     SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::integer[], $9::timestamptz[])
       AS r (id, claims, status, delay_ms, http_status, error, response, duration_ms, started_at)),
   updated AS (
     UPDATE notification.delivery d
     SET status = r.status, attempts = d.attempts + 1, last_status = r.http_status, last_error = r.error, last_duration_ms = r.duration_ms,
       next_attempt_at = CASE WHEN r.status = 'pending' THEN now() + r.delay_ms * interval '1 millisecond' END,
       first_attempt_at = coalesce(d.first_attempt_at, r.started_at), last_attempt_at = r.started_at
     FROM result r WHERE d.id = r.id AND d.claims = r.claims AND ${IS_PENDING}
     RETURNING d.id, d.attempts)
   INSERT INTO notification.delivery_attempt (delivery_id, attempt, started_at, duration_ms, http_status, error, response)
   SELECT u.id, u.attempts, r.started_at, r.duration_ms, r.http_status, r.error, r.response FROM updated u JOIN result r ON r.id = u.id`,
);

/** Rows are locked in id order first, so that two processes recording for the same endpoints do not deadlock. */
const endpointsStatement = statement(
  'notification.record_endpoint_failures',
  `WITH result AS (
     SELECT * FROM unnest($1::uuid[], $2::boolean[], $3::boolean[], $4::integer[]) AS r (id, gone, throttled, throttle_ms)),
   locked AS MATERIALIZED (
     SELECT p.id FROM notification.endpoint p WHERE p.id = ANY($1::uuid[]) AND p.status = 'enabled' ORDER BY p.id FOR UPDATE)
   UPDATE notification.endpoint p
   SET failing_since = coalesce(p.failing_since, now()),
     throttled_until = CASE WHEN r.throttled THEN greatest(p.throttled_until, now() + CASE WHEN r.throttle_ms IS NOT NULL THEN r.throttle_ms * interval '1 millisecond'
       ELSE least(greatest(now() - coalesce(p.failing_since, now()), interval '${MIN_THROTTLE}'), interval '${MAX_THROTTLE}') END)
       ELSE p.throttled_until END,
     status = CASE WHEN r.gone OR p.failing_since < now() - interval '${DISABLE_AFTER}' THEN 'disabled' ELSE p.status END,
     disabled_reason = CASE WHEN r.gone THEN 'gone' WHEN p.failing_since < now() - interval '${DISABLE_AFTER}' THEN 'failing' END,
     disabled_at = CASE WHEN r.gone OR p.failing_since < now() - interval '${DISABLE_AFTER}' THEN now() END
   FROM result r JOIN locked ON locked.id = r.id
   WHERE p.id = r.id
   RETURNING p.id, p.merchant_id AS "merchantId", p.livemode, p.status, p.disabled_reason AS reason`,
);

export interface DisabledEndpoint {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly status: string;
  readonly reason: DisableReason | null;
}

export type TellDisabled = (
  tx: Tx,
  disabled: readonly { readonly endpoint: DisabledEndpoint; readonly eventId: string }[],
) => Promise<void>;

/**
 * Records a batch of results.
 * @param tell of endpoints that were disabled by them, in the same transaction, each with the event that announces it
 * @returns those endpoints
 */
export async function recordResults(
  database: Database,
  results: readonly AttemptResult[],
  tell: TellDisabled,
): Promise<readonly DisabledEndpoint[]> {
  const delivered = results.filter((result) => result.verdict.kind === 'delivered');
  const failed = results.filter((result) => result.verdict.kind !== 'delivered');
  const deliveredValues = [
    delivered.map((result) => result.delivery.deliveryId),
    delivered.map((result) => result.report.httpStatus ?? null),
    delivered.map((result) => result.report.durationMs),
    delivered.map((result) => result.report.startedAt),
    [...new Set(delivered.map((result) => result.delivery.endpointId))],
  ];
  if (failed.length === 0) {
    await database.query(deliveredStatement, deliveredValues);
    return [];
  }
  return database.transaction(async (tx) => {
    if (delivered.length > 0) await tx.query(deliveredStatement, deliveredValues);
    await recordFailures(tx, failed);
    const healthy = new Set(delivered.map((result) => result.delivery.endpointId));
    const disabled = await recordEndpointFailures(tx, failed, healthy);
    const events = disabled.map(disabledEvent);
    await appendEvents(tx, events);
    await tell(
      tx,
      disabled.map((endpoint, index) => ({ endpoint, eventId: events[index]?.id ?? newUuid() })),
    );
    return disabled;
  });
}

const STATUS_OF = { delivered: 'delivered', retry: 'pending', abandoned: 'abandoned', gone: 'failed' } as const;

async function recordFailures(tx: Tx, failed: readonly AttemptResult[]): Promise<void> {
  await tx.query(failedStatement, [
    failed.map((result) => result.delivery.deliveryId),
    failed.map((result) => result.delivery.claims),
    failed.map((result) => STATUS_OF[result.verdict.kind]),
    failed.map((result) => (result.verdict.kind === 'retry' ? result.verdict.delayMs : null)),
    failed.map((result) => result.report.httpStatus ?? null),
    failed.map((result) => result.report.error ?? 'unknown'),
    failed.map((result) => result.report.response ?? null),
    failed.map((result) => result.report.durationMs),
    failed.map((result) => result.report.startedAt),
  ]);
}

async function recordEndpointFailures(
  tx: Tx,
  failed: readonly AttemptResult[],
  succeeded: ReadonlySet<string>,
): Promise<readonly DisabledEndpoint[]> {
  const byEndpoint = new Map<string, { gone: boolean; throttled: boolean; throttleMs: number | null }>();
  for (const { delivery, verdict, throttle } of failed) {
    const gone = verdict.kind === 'gone';
    // A success in the same batch shows that the endpoint is not failing as a whole; what it asked for still counts.
    if (succeeded.has(delivery.endpointId) && !gone && throttle === undefined) continue;
    const known = byEndpoint.get(delivery.endpointId);
    byEndpoint.set(delivery.endpointId, {
      gone: gone || known?.gone === true,
      throttled: throttle !== undefined || known?.throttled === true,
      throttleMs:
        throttle?.ms === undefined ? (known?.throttleMs ?? null) : Math.max(throttle.ms, known?.throttleMs ?? 0),
    });
  }
  if (byEndpoint.size === 0) return [];
  const states = [...byEndpoint.values()];
  const rows = await tx.query<DisabledEndpoint>(endpointsStatement, [
    [...byEndpoint.keys()],
    states.map((state) => state.gone),
    states.map((state) => state.throttled),
    states.map((state) => state.throttleMs),
  ]);
  return rows.filter((row) => row.status === 'disabled');
}

function disabledEvent(endpoint: DisabledEndpoint) {
  return newEvent(
    endpointDisabled,
    { aggregateId: endpoint.id, merchantId: endpoint.merchantId, cause: { correlationId: newUuid() } },
    { endpoint_id: endpoint.id, livemode: endpoint.livemode, reason: endpoint.reason ?? 'failing' },
  );
}
