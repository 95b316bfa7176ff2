/**
 * What one process saw since it last told the others: runs of equal outcomes, segment by segment, in their order. A thousand successes are one
 * run, so that what is told does not grow with the traffic.
 */
import { z } from 'zod';
import type { Ended } from '../choice/choose.js';
import type { Evidence } from '../choice/evidence.js';
import { segmentKey, type Segment } from '../choice/segment.js';

/**
 * Outcomes of one segment that are kept apart between two tellings; what comes beyond is counted with the last run of its kind, and
 * loses its place among the others.
 */
const MAX_RUNS = 40;
/** Segments told of at once. Networks are what gateways take, so there are some dozens. */
const MAX_SEGMENTS = 500;

/** 1 worked, 0 did not, null: it ended and nothing can be told from it; 2: what an earlier failure weighs more. */
const said = z.union([z.literal(0), z.literal(1), z.literal(2), z.null()]);
type Said = z.infer<typeof said>;

interface Run {
  readonly said: Said;
  readonly weight: number;
  readonly wasUnknown: boolean;
  count: number;
  /** Of all calls of the run together, in ms. */
  tookMs: number;
  endedAtMs: number;
}

const run = z.tuple([
  said,
  z.number().min(0).max(1),
  /** 1: the gateway did not say. */
  z.union([z.literal(0), z.literal(1)]),
  z.number().int().min(1).max(1_000_000),
  /** How long a call took, in ms. */
  z.number().min(0),
  /** How long before the telling the last one ended, in ms. */
  z.number().min(0),
]);

export const told = z.array(z.tuple([z.string(), z.string(), z.array(run)]));
export type Told = z.infer<typeof told>;

export class Observations {
  private segments = new Map<string, { readonly segment: Segment; readonly runs: Run[] }>();

  get isEmpty(): boolean {
    return this.segments.size === 0;
  }

  add(segment: Segment, { evidence, wasUnknown, startedAtMs }: Ended, endedAtMs: number): void {
    const key = segmentKey(segment);
    let kept = this.segments.get(key);
    if (kept === undefined) {
      if (this.segments.size >= MAX_SEGMENTS) return;
      kept = { segment, runs: [] };
      this.segments.set(key, kept);
    }
    const says = saidBy(evidence);
    const weight = evidence?.weight ?? 0;
    const isOfKind = (each: Run): boolean =>
      each.said === says && each.weight === weight && each.wasUnknown === wasUnknown;
    const last = kept.runs.at(-1);
    const same =
      last !== undefined && isOfKind(last)
        ? last
        : kept.runs.length < MAX_RUNS
          ? undefined
          : kept.runs.findLast(isOfKind);
    const tookMs = endedAtMs - startedAtMs;
    if (same === undefined) {
      kept.runs.push({ said: says, weight, wasUnknown, count: 1, tookMs, endedAtMs });
      return;
    }
    same.count += 1;
    same.tookMs += tookMs;
    same.endedAtMs = endedAtMs;
  }

  /** All there is to tell, and forgets it. */
  take(nowMs: number): Told {
    const taken = [...this.segments.values()];
    this.segments = new Map();
    return taken.map(({ segment, runs }) => [
      segment.accountId,
      segment.network,
      runs.map(({ said: says, weight, wasUnknown, count, tookMs, endedAtMs }) => [
        says,
        weight,
        wasUnknown ? 1 : 0,
        count,
        Math.max(0, Math.round(tookMs / count)),
        Math.max(0, Math.round(nowMs - endedAtMs)),
      ]),
    ]);
  }
}

/** Calls back with every single outcome. `toldAtMs` by this process's clock. */
export function eachOf(
  all: Told,
  toldAtMs: number,
  call: (segment: Segment, ended: Ended, endedAtMs: number) => void,
): void {
  for (const [accountId, network, runs] of all) {
    for (const [says, weight, unknown, count, tookMs, endedAgoMs] of runs) {
      const endedAtMs = toldAtMs - endedAgoMs;
      const ended: Ended = {
        evidence: evidenceIn(says, weight),
        wasUnknown: unknown === 1,
        startedAtMs: endedAtMs - tookMs,
      };
      for (let index = 0; index < count; index += 1) call({ accountId, network }, ended, endedAtMs);
    }
  }
}

function saidBy(evidence: Evidence | undefined): Said {
  if (evidence === undefined) return null;
  if (evidence.isAddition === true) return 2;
  return evidence.worked ? 1 : 0;
}

function evidenceIn(says: Said, weight: number): Evidence | undefined {
  if (says === null) return undefined;
  return says === 2 ? { worked: false, weight, isAddition: true } : { worked: says === 1, weight };
}
