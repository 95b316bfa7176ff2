/**
 * Sends the messages of one channel, outside any transaction. Each is held under a lease with a fencing token. Whoever finds one that somebody had begun
 * to send, and did not tell of, does what its kind has promised: docs/adr/0029.
 */
import type { Database } from '../../../kernel/database/database.js';
import { isTransientDatabaseError } from '../../../kernel/database/sql-state.js';
import { describeError } from '../../../kernel/errors/describe.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { CannotOpen, type Vault } from '../../../kernel/secrets/vault.js';
import { judge, type AttemptOutcome } from './attempt-outcome.js';
import { openContent, personalOf } from './message-content.js';
import { KINDS, type Channel, type Kind } from './message-kinds.js';
import type { MessageMetrics } from './message.metrics.js';
import {
  claimMessages,
  endMessage,
  recordAttempt,
  recordInterrupted,
  releaseMessages,
  type ClaimedMessage,
} from './outgoing.store.js';
import type { Renderable } from './render-message.js';
import { ATTEMPT_TIMEOUT_MS } from './smtp-channel.js';

/** At a time per channel and process: enough for some forty mails a second, few enough for any provider's limit of connections. */
const MAX_IN_FLIGHT = 8;
/** What is due at once is told to us; retries may be a second late. */
const POLL_MS = 1_000;
/** To open, render, and write down what came of it. */
const MARGIN_MS = 15_000;
export const LEASE_MS = ATTEMPT_TIMEOUT_MS + MARGIN_MS;
/** To one addressee in an hour, of each audience and channel. Nobody who is not being flooded gets that many. */
export const PER_HOUR = 10;
/** Before the result is written again after the database failed; beyond these the lease settles it. In milliseconds. */
const RECORD_RETRIES_MS = [200, 1_000, 3_000];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export type Outgoing = Renderable<Kind> & { readonly id: string; readonly to: string };

/** Hands one message over. Never throws but for a mistake of ours. */
export type Transmit = (message: Outgoing) => Promise<AttemptOutcome>;

export interface MessageSenderOptions {
  readonly channel: Channel;
  readonly transmit: Transmit;
  readonly database: Database;
  readonly vault: Vault;
  readonly logger: Logger;
  readonly metrics: MessageMetrics;
  /** Share of their usual length that pauses have. */
  readonly pauseShare: number;
}

export class MessageSender {
  readonly channel: Channel;
  private readonly claimer: IntervalTask;
  private readonly open = new Set<Promise<void>>();
  private running = false;

  constructor(private readonly options: MessageSenderOptions) {
    this.channel = options.channel;
    this.claimer = new IntervalTask({
      name: `notification.send_${options.channel}`,
      everyMs: POLL_MS,
      logger: options.logger,
      run: () => this.claim(),
    });
  }

  start(): void {
    this.running = true;
    this.claimer.start();
  }

  /** Takes nothing new; what is in flight ends and is written down. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    await this.claimer.stop();
    await Promise.all(this.open);
  }

  poke(): void {
    if (this.running) this.claimer.poke();
  }

  private async claim(): Promise<{ again: boolean }> {
    const { database, metrics } = this.options;
    const room = MAX_IN_FLIGHT - this.open.size;
    if (room <= 0) return { again: false };
    const leaseEndsAt = performance.now() + LEASE_MS;
    const { taken, held } = await claimMessages(database, {
      channel: this.channel,
      limit: room,
      leaseMs: LEASE_MS,
      perHour: PER_HOUR,
    });
    if (held > 0) metrics.deferred(this.channel, held);
    if (this.running) for (const message of taken) this.track(this.handle(message, leaseEndsAt), message);
    // One that somebody else had begun stays as it is: what has become of it is still to be judged.
    else
      await releaseMessages(
        database,
        taken.filter(({ interrupted }) => !interrupted),
      );
    return { again: held > 0 };
  }

  private async handle(message: ClaimedMessage, leaseEndsAt: number): Promise<void> {
    const { database, metrics } = this.options;
    const { promise, secret } = KINDS[message.kind];
    if (message.interrupted) {
      metrics.attempted(this.channel, message.kind, 'unknown');
      if (!(await recordInterrupted(database, message, promise === 'at_least_once'))) return;
      if (promise === 'at_most_once') return this.ended(message, 'abandoned', 'interrupted');
    }
    if (message.leftMs <= 0) return this.end(message, 'abandoned', 'expired');
    const outgoing = await this.prepare(message);
    if (outgoing === undefined) return;
    // A process that was frozen wakes up with a lease that another may have by now.
    if (leaseEndsAt - performance.now() < ATTEMPT_TIMEOUT_MS) return;
    const startedAt = new Date();
    const start = performance.now();
    const outcome = await this.transmit(outgoing);
    const durationMs = Math.round(performance.now() - start);
    const attempts = message.attempts + (message.interrupted ? 2 : 1);
    const { pauseShare } = this.options;
    const verdict = judge(outcome, { promise, attempts, leftMs: message.leftMs, pauseShare });
    metrics.attempted(this.channel, message.kind, outcome.kind, durationMs);
    await this.record(() => recordAttempt(database, { message, startedAt, durationMs, outcome }, verdict, secret));
    if (verdict.state === 'sent') metrics.ended(this.channel, message.kind, 'sent');
    else if (verdict.state !== 'queued')
      this.ended(message, verdict.state, outcome.kind === 'sent' ? 'sent' : outcome.error);
  }

  /** Undefined: it cannot be sent, and that was written down. */
  private async prepare(message: ClaimedMessage): Promise<Outgoing | undefined> {
    const { vault } = this.options;
    const { id, kind, language, data, count } = message;
    if (message.sealed === null) {
      await this.end(message, 'failed', 'content_erased');
      return undefined;
    }
    try {
      const content = await openContent(vault, id, message.sealed);
      return { id, kind, language, data, count, to: content.to, personal: await personalOf(vault, content) };
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      this.options.logger.error({ messageId: id, kind, error: describeError(error) }, 'a message cannot be opened');
      await this.end(message, 'failed', 'cannot_open');
      return undefined;
    }
  }

  /** A mistake of ours would be made again with every attempt. */
  private async transmit(outgoing: Outgoing): Promise<AttemptOutcome> {
    try {
      return await this.options.transmit(outgoing);
    } catch (error) {
      const { id, kind } = outgoing;
      const { name } = error instanceof Error ? error : { name: 'unknown' };
      this.options.logger.error({ messageId: id, kind, error: name }, 'a message could not be written');
      return { kind: 'refused', error: 'not_written' };
    }
  }

  private async end(message: ClaimedMessage, state: 'failed' | 'abandoned', error: string): Promise<void> {
    await this.record(() => endMessage(this.options.database, message, state, error));
    this.ended(message, state, error);
  }

  private ended({ id, kind }: ClaimedMessage, state: 'failed' | 'abandoned', error: string): void {
    this.options.metrics.ended(this.channel, kind, state);
    this.options.logger.warn({ messageId: id, kind, channel: this.channel, state, error }, 'a message was not sent');
  }

  private async record(write: () => Promise<void>): Promise<void> {
    for (const retryMs of [...RECORD_RETRIES_MS, undefined]) {
      try {
        await write();
        return;
      } catch (error) {
        if (retryMs === undefined || !isTransientDatabaseError(error)) throw error;
        await pause(retryMs);
      }
    }
  }

  /** Keeps stop() waiting for it, and takes the next when it is over. */
  private track(work: Promise<void>, { id }: ClaimedMessage): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) =>
        this.options.logger.warn(
          { messageId: id, error: describeError(error) },
          'what came of a message was not written down; its lease settles it',
        ),
      )
      .finally(() => {
        this.open.delete(tracked);
        this.poke();
      });
    this.open.add(tracked);
  }
}
