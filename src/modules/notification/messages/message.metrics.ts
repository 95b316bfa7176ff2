import { Injectable } from '@nestjs/common';
import { Databases } from '../../../kernel/database/databases.js';
import { Metrics } from '../../../kernel/observability/metrics.js';
import type { AttemptOutcome } from './attempt-outcome.js';
import type { Channel, Kind } from './message-kinds.js';
import { countWaiting } from './outgoing.store.js';

/** Beyond this many it is simply "a lot": a scrape must stay cheap. */
const COUNTED = 10_000;

/** What operators watch: what was sent and what was not, and how long the oldest waits. */
@Injectable()
export class MessageMetrics {
  private readonly attempts;
  private readonly attemptSeconds;
  private readonly messages;
  private readonly held;

  constructor(metrics: Metrics, databases: Databases) {
    this.attempts = metrics.counter(
      'sankofa_message_attempts_total',
      'Attempts to send e-mails and SMS by outcome: sent, refused, not_sent, unknown',
      ['channel', 'kind', 'outcome'],
    );
    this.attemptSeconds = metrics.histogram('sankofa_message_attempt_seconds', 'Time of one attempt', ['channel']);
    this.messages = metrics.counter(
      'sankofa_messages_total',
      'E-mails and SMS that are over, by how they ended: sent, failed, abandoned',
      ['channel', 'kind', 'state'],
    );
    this.held = metrics.counter(
      'sankofa_messages_deferred_total',
      "Times that a message was put off to its addressee's next hour",
      ['channel'],
    );
    const oldest = metrics.gauge('sankofa_message_oldest_queued_seconds', 'Since when the oldest queued message waits');
    metrics.gauge('sankofa_messages_queued', `Messages that wait, counted up to ${COUNTED}`, [], async (gauge) => {
      const found = await countWaiting(databases.of('notification'), COUNTED);
      gauge.set(found.waiting);
      oldest.set(found.oldest === null ? 0 : Math.max(0, (Date.now() - found.oldest.getTime()) / 1_000));
    });
  }

  attempted(channel: Channel, kind: Kind, outcome: AttemptOutcome['kind'], durationMs?: number): void {
    this.attempts.inc({ channel, kind, outcome });
    if (durationMs !== undefined) this.attemptSeconds.observe({ channel }, durationMs / 1_000);
  }

  ended(channel: Channel, kind: Kind, state: 'sent' | 'failed' | 'abandoned'): void {
    this.messages.inc({ channel, kind, state });
  }

  deferred(channel: Channel, count: number): void {
    this.held.inc({ channel }, count);
  }
}
