/** Works through a run, chunk by chunk: each chunk's results and how far it came are one commit. */
import type { Database } from '../../../kernel/database/database.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { byHandle, byReference, type Identified } from '../matching/identity.js';
import { judgeUnowned, type Circumstances } from '../matching/judge.js';
import { NEIGHBOURHOOD_MS } from '../matching/leftovers.js';
import { coverageOf } from '../matching/policy.js';
import type { LineSide, RecordSide } from '../matching/sides.js';
import type { RecordKind } from '../records/record.js';
import { reportDay } from '../reports/report-day.js';
import { resolveCertain } from '../resolutions/resolve-certain.js';
import { acceptedKey, acceptedOf } from '../resolutions/resolutions.store.js';
import { announceProved } from './proofs.store.js';
import { changedBreaks, changedPairs, contentsOf } from './results.js';
import { standingBreaks, standingPairs, standingUnowned, writeBreaks, writePairs } from './results.store.js';
import {
  advanceRun,
  DAILY,
  finishRun,
  NOTHING,
  PHASES,
  releaseRun,
  type Counts,
  type Phase,
  type Progress,
  type Run,
} from './runs.store.js';
import { settleLeftovers, settleNamed, type Settled } from './settle.js';
import {
  countOf,
  coveringSources,
  leftLines,
  leftRecords,
  linesByAlias,
  linesByHand,
  linesByKey,
  linesChunk,
  movementsOf,
  ownedOf,
  recordsByKey,
  recordsChunk,
  unownedMovements,
  type Window,
} from './work.store.js';

/** Rows per commit: some hundred milliseconds, which is what a crash costs. */
const CHUNK = 2_000;

export interface EngineOptions {
  readonly database: Database;
  /** Rows per commit. */
  readonly chunk?: number;
  /** By how much of what moved a fee may differ and be booked without asking anybody, in basis points. */
  readonly feeToleranceBps?: number;
  /** Asked before each chunk: whether to give the run back, for another process to go on with. */
  readonly isStopping?: () => boolean;
  /** Told after each commit. */
  readonly onProgress?: (run: Run, progress: Progress) => void;
}

/** What a chunk did, and where the phase goes on; null: the next phase begins. */
interface Step {
  readonly cursor: Progress['cursor'];
  readonly done: number;
  readonly counts: Partial<Counts>;
}

export class RunEngine {
  private readonly chunk: number;

  constructor(private readonly options: EngineOptions) {
    this.chunk = options.chunk ?? CHUNK;
  }

  /**
   * Goes on where the run is, to its end, or until somebody cancels it.
   * @throws {LostRun} when another process has taken it up meanwhile
   */
  async work(run: Run): Promise<'succeeded' | 'canceled' | 'released'> {
    const { database } = this.options;
    let progress: Progress = { ...run, counts: { ...NOTHING, ...run.counts } };
    if (progress.phase === null)
      progress = { phase: PHASES[0], cursor: null, total: await countOf(database, run), done: 0n, counts: NOTHING };
    const now = await this.circumstancesOf(run);
    while (progress.phase !== null) {
      if (this.options.isStopping?.() === true) {
        await releaseRun(database, run, null);
        return 'released';
      }
      const { phase, cursor } = progress;
      const before = progress;
      const next = await database.transaction(async (tx) => {
        // First, since it locks the run: two processes that both take it for theirs come one after the other here.
        const isCanceled = await advanceRun(tx, run, before);
        if (isCanceled) return undefined;
        const step = await this.step(tx, run, phase, cursor, now);
        const after = advanced(before, step);
        await advanceRun(tx, run, after);
        return after;
      });
      if (next === undefined) {
        await finishRun(database, run, 'canceled');
        return 'canceled';
      }
      progress = next;
      this.options.onProgress?.(run, progress);
    }
    await database.transaction(async (tx) => {
      await finishRun(tx, run, 'succeeded');
      if (run.job === DAILY) await reportDay(tx, run);
    });
    return 'succeeded';
  }

  private async circumstancesOf(run: Run): Promise<Circumstances> {
    const around: Window = {
      ...run,
      from: new Date(run.from.getTime() - NEIGHBOURHOOD_MS),
      to: new Date(run.to.getTime() + NEIGHBOURHOOD_MS),
    };
    const sources = await coveringSources(this.options.database, around);
    const of = (kind: RecordKind) => coverageOf(sources.filter(({ covers }) => covers.includes(kind)));
    return {
      asOf: (run.asOf ?? run.createdAt).getTime(),
      coverage: { payment: of('payment'), refund: of('refund'), payout: of('payout') },
    };
  }

  private step(tx: Tx, run: Run, phase: Phase, cursor: Progress['cursor'], now: Circumstances): Promise<Step> {
    switch (phase) {
      case 'records':
        return this.walkRecords(tx, run, cursor, now);
      case 'lines':
        return this.walkLines(tx, run, cursor, now);
      case 'leftovers':
        return this.settleWhatIsLeft(tx, run, now);
      case 'movements':
        return this.walkMovements(tx, run, cursor, now);
    }
  }

  private async walkRecords(tx: Tx, run: Run, cursor: Progress['cursor'], now: Circumstances): Promise<Step> {
    const { rows, next } = await recordsChunk(tx, run, cursor, this.chunk);
    const counts = await this.settleRecords(tx, run, rows, now);
    return { cursor: next, done: rows.length, counts: { ...counts, records: rows.length } };
  }

  /** Lines that were not found from their records' side: the record lies outside of the window, or there is none. */
  private async walkLines(tx: Tx, run: Run, cursor: Progress['cursor'], now: Circumstances): Promise<Step> {
    const { rows, next } = await linesChunk(tx, run, cursor, this.chunk);
    const keys = rows.flatMap(({ key, isIdentified }) => (key === null || isIdentified ? [] : [key]));
    const records = await recordsByKey(tx, run.gatewayAccountId, keys);
    const counts = await this.settleRecords(tx, run, records, now);
    return { cursor: next, done: rows.length, counts: { ...counts, lines: rows.length } };
  }

  private async settleRecords(
    tx: Tx,
    run: Run,
    records: readonly RecordSide[],
    now: Circumstances,
  ): Promise<Partial<Counts>> {
    if (records.length === 0) return {};
    const account = run.gatewayAccountId;
    const ids = records.map(({ attemptId }) => attemptId);
    const named = byReference(
      records,
      await linesByKey(
        tx,
        account,
        records.map(({ key }) => key),
      ),
    );
    const byHand = await this.byHand(tx, records, ids);
    const withReference = new Set([...named, ...byHand].map(({ record }) => record));
    const others = records.filter((record) => !withReference.has(record));
    const called = await this.byHandle(tx, account, others);
    const movements = await movementsOf(tx, ids);
    const settled = settleNamed(records, [...named, ...byHand, ...called], movements, now);
    const counts = await this.write(
      tx,
      run,
      settled,
      ids,
      settled.pairs.map(({ lineId }) => lineId),
    );
    return { ...counts, matched: new Set(settled.pairs.map(({ attemptId }) => attemptId)).size };
  }

  private async byHand(tx: Tx, records: readonly RecordSide[], ids: readonly string[]): Promise<readonly Identified[]> {
    const given = await linesByHand(tx, ids);
    if (given.length === 0) return [];
    const byId = new Map(records.map((record) => [record.attemptId, record]));
    return given.flatMap(({ attemptId, explanation, isShared, ...line }) => {
      const record = byId.get(attemptId);
      return record === undefined ? [] : [{ record, line, rule: 'manual' as const, explanation, isShared }];
    });
  }

  /** By handle, unless an earlier attempt has the line already. */
  private async byHandle(tx: Tx, account: string, records: readonly RecordSide[]) {
    const lines = await linesByAlias(
      tx,
      account,
      records.flatMap(({ handles }) => handles),
    );
    if (lines.length === 0) return [];
    const standing = await standingPairs(
      tx,
      [],
      lines.map(({ id }) => id),
    );
    const found = byHandle(records, lines);
    return found.filter(
      ({ line, record }) =>
        !standing.some(
          ({ lineId, rule, attemptId }) => lineId === line.id && rule === 'handle' && attemptId < record.attemptId,
        ),
    );
  }

  private async settleWhatIsLeft(tx: Tx, run: Run, now: Circumstances): Promise<Step> {
    const around: Window = {
      ...run,
      from: new Date(run.from.getTime() - NEIGHBOURHOOD_MS),
      to: new Date(run.to.getTime() + NEIGHBOURHOOD_MS),
    };
    const [records, lines] = [await leftRecords(tx, around), await leftLines(tx, around)];
    const [from, to] = [run.from.getTime(), run.to.getTime()];
    const isInWindow = (atMs: number): boolean => atMs >= from && atMs < to;
    const settled = settleLeftovers(records, lines, isInWindow, now);
    const subjects = {
      records: new Set([
        ...records.filter(({ startedAt }) => isInWindow(startedAt)).map(({ attemptId }) => attemptId),
        ...settled.pairs.map(({ attemptId }) => attemptId),
      ]),
      lines: new Set([
        ...lines.filter(({ occurredAt }: LineSide) => isInWindow(occurredAt)).map(({ id }) => id),
        ...settled.pairs.map(({ lineId }) => lineId),
      ]),
    };
    const counts = await this.write(tx, run, settled, [...subjects.records], [...subjects.lines]);
    const matched = new Set(settled.pairs.map(({ attemptId }) => attemptId)).size;
    const unmatched = settled.breaks.filter(({ kind }) => kind === 'missing_here' || kind === 'missing_there').length;
    return { cursor: null, done: 0, counts: { ...counts, matched, unmatched } };
  }

  private async walkMovements(tx: Tx, run: Run, cursor: Progress['cursor'], now: Circumstances): Promise<Step> {
    const { unowned, taken, next } = await unownedMovements(tx, run, cursor);
    const found = unowned.flatMap((movement) => judgeUnowned(movement, now));
    const accepted = await acceptedOf(
      tx,
      found.map(({ subjectId }) => subjectId),
    );
    const wanted = found.filter((each) => !accepted.has(acceptedKey(contentsOf(each))));
    const standing = await standingUnowned(tx, run);
    const owned = await ownedOf(
      tx,
      standing.map(({ subjectId }) => subjectId),
    );
    const changes = changedBreaks(wanted, standing, ({ subjectId }) => owned.has(subjectId));
    await writeBreaks(tx, run, changes);
    return { cursor: next, done: taken, counts: countsOf(changes) };
  }

  private async write(
    tx: Tx,
    run: Run,
    settled: Settled,
    attemptIds: readonly string[],
    lineIds: readonly string[],
  ): Promise<Partial<Counts>> {
    await writePairs(
      tx,
      run,
      changedPairs(settled.pairs, await standingPairs(tx, attemptIds, lineIds), (pair) => settled.mayDrop(pair)),
    );
    const subjects = [...attemptIds, ...lineIds];
    const standing = await standingBreaks(tx, subjects);
    const accepted = await acceptedOf(tx, subjects);
    const wanted = settled.breaks.filter((found) => !accepted.has(acceptedKey(contentsOf(found))));
    const changes = changedBreaks(wanted, standing, (found) => settled.mayClose(found));
    const written = await writeBreaks(tx, run, changes);
    const certain = await resolveCertain(tx, run, written, this.options.feeToleranceBps ?? 0);
    await announceProved(tx, run, settled.proved);
    return { ...countsOf(changes), ...certain };
  }
}

function countsOf(changes: ReturnType<typeof changedBreaks>): Partial<Counts> {
  return { opened: changes.opened.length, changed: changes.changed.length, closed: changes.closed.length };
}

function advanced(before: Progress, step: Step): Progress {
  const counts = Object.fromEntries(
    Object.entries(before.counts).map(([name, count]) => [
      name,
      Number(count) + (step.counts[name as keyof Counts] ?? 0),
    ]),
  ) as unknown as Counts;
  const done = before.done + BigInt(step.done);
  if (step.cursor !== null) return { ...before, cursor: step.cursor, done, counts };
  const following = before.phase === null ? undefined : PHASES[PHASES.indexOf(before.phase) + 1];
  return { ...before, phase: following ?? null, cursor: null, done, counts };
}
