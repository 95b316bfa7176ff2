/** What a backtest found, in words as far as numbers alone would mislead. */
import { MAX_WEIGHT, type Estimator, type Interval } from './estimate.js';
import type { RoutableKind } from '../routable-kind.js';
import type { BacktestResult, Findings } from './run-backtest.js';

/** Below this share of the traffic the log speaks about a part only, and the part is not the whole. */
const COVERED_ENOUGH = 0.98;
/** An interval of some ten points: with fewer outcomes nothing should be decided. */
const ENOUGH_OUTCOMES = 100;
/** Above this share of choices that could not have been other ones, a log was not made by choosing. */
const HARDLY_ANY_CHANCE = 0.9;

export function shownBacktest(result: BacktestResult, kind: RoutableKind): Record<string, unknown> {
  const { total, segments, recorded, unfinished, unreadable, isCut, since } = result;
  return {
    object: 'routing_backtest',
    method: {
      estimator: 'self_normalised_inverse_propensity_score',
      outcome: `whether a ${kind}'s first attempt succeeded`,
      confidence: 0.95,
      clipped_at_weight: MAX_WEIGHT,
    },
    since: since.toISOString(),
    attempts: { recorded, used: total.used, unfinished, unreadable, more_were_left: isCut },
    ...shownFindings(total),
    reliable: isReliable(total),
    notes: notesOn(result, kind),
    segments: [...segments]
      .toSorted(([, a], [, b]) => b.used - a.used)
      .map(([network, findings]) => ({ network, attempts: findings.used, ...shownFindings(findings) })),
  };
}

function isReliable(findings: Findings): boolean {
  return findings.coverage >= COVERED_ENOUGH && findings.success.effectiveSampleSize >= ENOUGH_OUTCOMES;
}

function shownFindings(findings: Findings): Record<string, unknown> {
  const { coverage, success, cost, clipped, deterministic, used } = findings;
  return {
    coverage: rounded(coverage),
    effective_sample_size: Math.round(success.effectiveSampleSize),
    deterministic_share: used === 0 ? 0 : rounded(deterministic / used),
    clipped_share: used === 0 ? 0 : rounded(clipped / used),
    success_rate: { ...compared(success, coverage), bounds: boundsOf(success, coverage) },
    cost_share: { ...compared(cost, coverage), assumed_fees: findings.assumedFees },
  };
}

function compared(estimator: Estimator, coverage: number): Record<string, unknown> {
  return {
    happened: shownInterval(estimator.happened),
    candidate: shownInterval(estimator.normalised),
    candidate_not_normalised: shownInterval(estimator.plain),
    // Of a part of the traffic it would compare payments with other payments.
    difference: coverage >= COVERED_ENOUGH ? shownInterval(estimator.difference) : null,
  };
}

/** Between what follows if all that the log cannot speak about fails, and if all of it succeeds (Manski). */
function boundsOf(success: Estimator, coverage: number): { low: number; high: number } {
  const { low, high } = success.normalised ?? { low: 0, high: 1 };
  return { low: rounded(coverage * low), high: rounded(Math.min(1, coverage * high + 1 - coverage)) };
}

function shownInterval(interval: Interval | undefined): Record<string, number> | null {
  if (interval === undefined) return null;
  return { estimate: rounded(interval.estimate), low: rounded(interval.low), high: rounded(interval.high) };
}

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;

function notesOn({ total, unreadable, unfinished, isCut }: BacktestResult, kind: RoutableKind): string[] {
  const { used, coverage, deterministic, clipped, assumedFees } = total;
  if (used === 0) return ['No recorded attempt could be used: nothing can be said.'];
  const notes = [
    `Only first attempts of ${kind}s are judged: what follows a failure depends on what was tried first. A ${kind}'s own rate of success is higher.`,
    'Beliefs about gateways and open breakers are taken as they were recorded; under other rules they would have become other ones.',
  ];
  if (deterministic / used > HARDLY_ANY_CHANCE)
    notes.push(
      `${percent(deterministic / used)} of these choices could not have been other ones. Such a log tells of other rules only where they choose the same; to learn of the others, send them a share by weights or use the smart strategy, which explores.`,
    );
  if (coverage < COVERED_ENOUGH)
    notes.push(
      `The log can speak about ${percent(coverage)} of what these rules would choose. \`candidate\` is of that part alone; of all traffic only \`bounds\` can be said.`,
    );
  if (total.success.effectiveSampleSize < ENOUGH_OUTCOMES)
    notes.push('The choices differ so much from the recorded ones that too few outcomes count: do not decide by this.');
  if (clipped > 0)
    notes.push(
      `${clipped} outcomes would have weighed more than ${MAX_WEIGHT} and were cut down, which draws the estimate towards what happened.`,
    );
  if (assumedFees > 0)
    notes.push(
      `Of ${assumedFees} successes nobody knows what the gateway kept: the usual fee was taken. Give gateway accounts their fees.`,
    );
  if (unfinished > 0) notes.push(`${unfinished} attempts have no end yet and were left out.`);
  if (unreadable > 0)
    notes.push(
      `${unreadable} attempts were left out: they are from before reasons were recorded, or of accounts that are gone.`,
    );
  if (isCut) notes.push('There were more attempts than were read: the newest were.');
  return notes;
}
