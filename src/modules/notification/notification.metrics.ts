import { Injectable } from '@nestjs/common';
import { Databases } from '../../kernel/database/databases.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { countDue } from './deliveries.store.js';
import type { SecretsKept } from './endpoint-secrets.js';
import type { AttemptResult } from './results.store.js';

/** Beyond this many the backlog is simply "a lot"; counting on would make a scrape slow when the database is busiest. */
const COUNTED_BACKLOG = 10_000;

/** What operators watch: attempts by outcome, how long they take, how late merchants hear, and what is waiting. */
@Injectable()
export class NotificationMetrics {
  private readonly attempts;
  private readonly attemptSeconds;
  private readonly latencySeconds;
  private readonly disabled;
  private readonly held;
  private readonly locked;
  private readonly kept;

  constructor(metrics: Metrics, databases: Databases) {
    this.attempts = metrics.counter(
      'sankofa_webhook_attempts_total',
      'Webhook attempts by outcome: delivered, retry, abandoned, gone',
      ['outcome'],
    );
    this.attemptSeconds = metrics.histogram('sankofa_webhook_attempt_seconds', 'Time of one webhook attempt', [
      'outcome',
    ]);
    this.latencySeconds = metrics.histogram(
      'sankofa_webhook_first_delivery_seconds',
      'From the event to its delivery at the first attempt',
    );
    this.disabled = metrics.counter('sankofa_webhook_endpoints_disabled_total', 'Endpoints disabled by the sender', [
      'reason',
    ]);
    this.held = metrics.gauge('sankofa_webhook_deliveries_held', 'Deliveries in this process', ['state']);
    this.locked = metrics.counter(
      'sankofa_webhook_secrets_locked_total',
      'Times that deliveries to an endpoint were put off, since its secret could not be opened',
    );
    this.kept = metrics.gauge(
      'sankofa_webhook_secrets',
      'Secrets of endpoints by how they are kept: sealed, open (in plain text), locked (under a master key that is missing)',
      ['state'],
    );
    metrics.gauge(
      'sankofa_webhook_deliveries_due',
      `Deliveries that are due and held by no process, counted up to ${COUNTED_BACKLOG}`,
      [],
      async (gauge) => {
        gauge.set(await countDue(databases.of('notification'), COUNTED_BACKLOG));
      },
    );
  }

  attempted({ delivery, report, verdict }: AttemptResult): void {
    this.attempts.inc({ outcome: verdict.kind });
    this.attemptSeconds.observe({ outcome: verdict.kind }, report.durationMs / 1_000);
    if (verdict.kind === 'delivered' && delivery.attempts === 0) {
      this.latencySeconds.observe(Math.max(0, (Date.now() - delivery.eventCreatedAt.getTime()) / 1_000));
    }
  }

  endpointDisabled(reason: string): void {
    this.disabled.inc({ reason });
  }

  secretLocked(): void {
    this.locked.inc();
  }

  secretsKept({ sealed, open, locked }: SecretsKept): void {
    for (const [state, count] of Object.entries({ sealed, open, locked })) this.kept.set({ state }, count);
  }

  holding(inFlight: number, queued: number): void {
    this.held.set({ state: 'in_flight' }, inFlight);
    this.held.set({ state: 'queued' }, queued);
  }
}
