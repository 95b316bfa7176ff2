/**
 * What is known of gateways, shared between processes: each tells what it saw in the last half second, reads what others told, and takes it for
 * its own. Nobody waits for it: a choice reads memory. What is lost on the way (a process that dies with half a second untold) was one
 * opinion among many.
 */
import type { Database } from '../../../kernel/database/database.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import type { BackgroundTask } from '../../../kernel/queue/background-tasks.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { describeError } from '../../../kernel/errors/describe.js';
import { z } from 'zod';
import { memory } from '../choice/memory.js';
import {
  dropOld,
  insertBelief,
  insertObservations,
  latestBelief,
  readObservations,
  type ObservationRow,
} from './evidence.store.js';
import { Observations, eachOf, told } from './observations.js';
import type { SharedBreakers } from './shared-breakers.js';

/** Between two rounds of telling and listening, in ms: what one process learns is known to all within two of them. */
const ROUND_EVERY_MS = 500;
/** A belief is kept this often, in ms: a process that begins reads no more than a minute of observations. */
const BELIEF_EVERY_MS = 60_000;
/** Rows read at once; at two a second from each process that is a minute of eight. */
const READ_AT_ONCE = 1_000;
/**
 * A row may become visible after one with a higher number, but not by more than this, in ms: each is a statement of its own. So long
 * the numbers of those that were read are remembered.
 */
const LATE_FOR_MS = 10_000;
/** Observations are kept at least so long, in ms, for processes that were away. */
const KEEP_FOR_MS = 600_000;
const KEEP_BELIEFS = 5;
/** Dropped at once: ten times what a minute brings of eight processes. */
const DROP_AT_ONCE = 10_000;

/** A belief as it is kept: with the rows beyond those it covers that are in it as well. */
const keptBelief = z.object({ memory, also: z.array(z.string()) });

export interface SharedEvidenceOptions {
  readonly database: Database;
  readonly breakers: SharedBreakers;
  readonly logger: Logger;
  readonly roundEveryMs?: number;
}

export class SharedEvidence implements BackgroundTask {
  readonly name = 'routing.share_evidence';
  private readonly observer = newUuid();
  private readonly untold = new Observations();
  private readonly loop: IntervalTask;
  private beginning: Promise<void> | undefined;
  private hasBegun = false;
  private hasStopped = false;
  /** Every row up to here was read. */
  private readUpTo = 0n;
  /** Rows beyond that were read or are our own, and when. */
  private readonly seen = new Map<bigint, number>();
  private beliefAtMs = Number.NEGATIVE_INFINITY;
  private hasNews = false;
  private readonly round = new OneAtATime(() => this.tellAndListen());

  constructor(private readonly options: SharedEvidenceOptions) {
    options.breakers.onObserved = (segment, ended, endedAtMs) => {
      this.hasNews = true;
      this.untold.add(segment, ended, endedAtMs);
      // A process without workers learns as well: from webhooks, after which it asks gateways, and plans what comes next.
      if (!this.hasStopped) this.loop.start();
    };
    this.loop = new IntervalTask({
      name: this.name,
      everyMs: options.roundEveryMs ?? ROUND_EVERY_MS,
      logger: options.logger,
      run: () => this.round.run(),
    });
  }

  start(): void {
    this.hasStopped = false;
    this.loop.start();
  }

  /** What was seen last is told on the way out. */
  async stop(): Promise<void> {
    this.hasStopped = true;
    await this.loop.stop();
    try {
      await this.tell();
    } catch (error) {
      this.options.logger.warn({ error: describeError(error) }, 'the last observations could not be told');
    }
  }

  /** Resolves when this process knows what was known before it began. A failure is tried again by whoever asks next. */
  async begun(): Promise<void> {
    if (this.hasBegun) return;
    this.beginning ??= this.begin().finally(() => {
      this.beginning = undefined;
    });
    await this.beginning;
  }

  /** Tells and listens now, for whoever is to see what is known: processes that make no attempts do neither by themselves. */
  async catchUp(): Promise<void> {
    await this.round.run();
  }

  private async begin(): Promise<void> {
    const { database, breakers, logger } = this.options;
    const belief = await latestBelief(database);
    const kept = belief === undefined ? undefined : keptBelief.safeParse(belief.content);
    if (belief !== undefined && kept?.success === true) {
      const nowMs = performance.now();
      breakers.remember(kept.data.memory, nowMs - belief.ageMs);
      this.readUpTo = belief.coversSeq;
      for (const seq of kept.data.also) this.seen.set(BigInt(seq), nowMs);
    } else if (belief !== undefined) {
      logger.warn({}, 'what is remembered of gateways cannot be read by this version: it is learnt anew');
    }
    this.hasBegun = true;
    await this.listen();
  }

  private async tellAndListen(): Promise<void> {
    await this.begun();
    await this.tell();
    await this.listen();
    await this.keepBelief();
  }

  private async tell(): Promise<void> {
    if (this.untold.isEmpty || !this.hasBegun) return;
    const seq = await insertObservations(this.options.database, this.observer, this.untold.take(performance.now()));
    this.seen.set(seq, performance.now());
  }

  private async listen(): Promise<void> {
    let rows: ObservationRow[];
    do {
      rows = await readObservations(this.options.database, this.readUpTo, [...this.seen.keys()], READ_AT_ONCE);
      const nowMs = performance.now();
      for (const row of rows) {
        this.seen.set(row.seq, nowMs);
        if (row.observer !== this.observer) this.believe(row, nowMs - row.ageMs);
      }
      this.forgetSeen(nowMs);
    } while (rows.length === READ_AT_ONCE);
  }

  private believe(row: ObservationRow, toldAtMs: number): void {
    const content = told.safeParse(row.content);
    // Of a later version than ours, while one replaces the other.
    if (!content.success) return;
    this.hasNews = true;
    eachOf(content.data, toldAtMs, (segment, ended, endedAtMs) =>
      this.options.breakers.believe(segment, ended, endedAtMs),
    );
  }

  private forgetSeen(nowMs: number): void {
    for (const [seq, sinceMs] of this.seen) {
      if (nowMs - sinceMs < LATE_FOR_MS) continue;
      this.seen.delete(seq);
      if (seq > this.readUpTo) this.readUpTo = seq;
    }
  }

  /** What this process believes now, for those that begin: one process does it for all. */
  private async keepBelief(): Promise<void> {
    const { database, breakers } = this.options;
    const nowMs = performance.now();
    if (!this.hasNews || nowMs - this.beliefAtMs < BELIEF_EVERY_MS) return;
    this.beliefAtMs = nowMs;
    this.hasNews = false;
    const coversSeq = this.readUpTo;
    const content = { memory: breakers.memory(), also: [...this.seen.keys()].map(String) };
    // Others may have looked at the clock a moment earlier.
    if (!(await insertBelief(database, { coversSeq, content }, BELIEF_EVERY_MS / 2))) return;
    await dropOld(database, {
      keepBeliefs: KEEP_BELIEFS,
      coveredSeq: coversSeq,
      olderThanMs: KEEP_FOR_MS,
      atMost: DROP_AT_ONCE,
    });
  }
}

/** One run at a time. Whoever asks while one is under way gets the next: that one may have done its part before they had theirs. */
class OneAtATime {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(private readonly work: () => Promise<void>) {}

  run(): Promise<void> {
    if (this.running === undefined) return this.begin();
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.begin();
      });
    return this.next;
  }

  private begin(): Promise<void> {
    const running = this.work().finally(() => {
      if (this.running === running) this.running = undefined;
    });
    this.running = running;
    return running;
  }
}
