/** How probable other rules would have made a recorded choice, by what was known when it was made. Pure. */
import { matchedShares, SmartRouter, worthOf, type Look, type Values } from '../choice/choose.js';
import { USUAL_FEE_SHARE } from '../choose-account.js';
import type { CandidateRow, Reason } from '../reason.js';
import type { RuleMatcher, RuleSubject } from '../rules/match-rules.js';
import { allows, propensitiesOf, type Option } from '../strategies.js';

/** An account as it is called today. */
export type KnownAccount = Option['account'];

export interface Accounts {
  get(id: string): KnownAccount | undefined;
  /** Its place by priority. */
  placeOf(id: string): number;
}

export interface PlayedAgain {
  /** How probable the recorded choice is under the other rules. */
  readonly target: number;
  /** How probable it was. */
  readonly logged: number;
  /** The share of what the other rules would choose that the log had any chance of choosing. */
  readonly covered: number;
}

/** A candidate of the record, or one that the rules of that time left out, of which nothing was written down. */
interface Playable extends Option {
  readonly row: CandidateRow | undefined;
}

/** @returns undefined where the record cannot be read with the accounts that there are */
export function playAgain(
  reason: Reason,
  subject: RuleSubject,
  matcher: RuleMatcher,
  accounts: Accounts,
): PlayedAgain | undefined {
  const chosen = reason.candidates[0];
  if (chosen === undefined || !(reason.propensity > 0)) return undefined;
  const { strategy } = matcher.match(subject);
  const options = playable(reason, accounts).filter(({ account }) => allows(strategy, account));
  const busy = new Set(reason.excluded.busy);
  for (const group of [options.filter(({ account }) => !busy.has(account.id)), options]) {
    const shares = propensitiesOf(strategy, group, (values) => smartShares(group, values, reason));
    if (shares.some((share) => share > 0)) return compared(group, shares, reason);
  }
  // Everything it allows was shut out. The one that is due soonest of all is also the soonest of a part that it belongs to.
  const isSame = reason.because === 'last_resort' && options.some(({ account }) => account.id === chosen[0]);
  return { target: isSame ? 1 : 0, logged: reason.propensity, covered: isSame ? 1 : 0 };
}

function playable(reason: Reason, accounts: Accounts): Playable[] {
  const known = (id: string, row: CandidateRow | undefined): Playable[] => {
    const account = accounts.get(id);
    // Of what the rules of that time left out it is not known whether it worked: it is taken for well, and the log cannot speak about it.
    const admitted = row === undefined || row[2] === 'c' || row[2] === 'p';
    return account === undefined ? [] : [{ account, row, admitted }];
  };
  return [
    ...reason.candidates.flatMap((row) => known(row[0], row)),
    ...(reason.excluded.rule ?? []).flatMap((id) => known(id, undefined)),
  ].toSorted((a, b) => accounts.placeOf(a.account.id) - accounts.placeOf(b.account.id));
}

function compared(group: readonly Playable[], shares: readonly number[], reason: Reason): PlayedAgain {
  let target = 0;
  let covered = 0;
  for (const [index, { row }] of group.entries()) {
    const share = shares[index] ?? 0;
    if (row !== undefined && row[1] > 0) covered += share;
    if (row !== undefined && row === reason.candidates[0]) target = share;
  }
  return { target, logged: reason.propensity, covered };
}

/** What is believed of something that was never tried. */
const UNTRIED = new SmartRouter().look(
  [{ segment: { accountId: '', network: '' }, feeShare: USUAL_FEE_SHARE }],
  { success: 0, unknown: 0, second: 0, exploration: 0 },
  0,
)[0];

/**
 * As the router would have shared, by the beliefs of that time. How often it would have probed what was shut out depends on how often it
 * had been passed over, which is not known; it is taken to be as often as then.
 */
function smartShares(group: readonly Playable[], values: Values, reason: Reason): number[] {
  const looks = group.map(({ row }) => lookOf(row, values));
  const matched = matchedShares(looks, values);
  const probes = group.map(({ row }) => (row?.[2] === 'p' && reason.strategy === 'smart' ? row[1] : 0));
  const probing = probes.reduce((sum, each) => sum + each, 0);
  const isAnyHealthy = looks.some(({ state }) => state === 'closed');
  if (!isAnyHealthy) return probing === 0 ? probes : probes.map((each) => each / probing);
  return matched.map((share, index) => (1 - probing) * share + (probes[index] ?? 0));
}

function lookOf(row: CandidateRow | undefined, values: Values): Pick<Look, 'state' | 'worth'> {
  if (row === undefined)
    return UNTRIED === undefined
      ? { state: 'open', worth: { mean: 0, standardDeviation: 0 } }
      : { state: 'closed', worth: worthOf(UNTRIED, values) };
  const [, , state, mean, standardDeviation, unknownShare, seconds, fee] = row;
  const success = { mean, standardDeviation };
  const worth = worthOf({ success, feeShare: fee ?? USUAL_FEE_SHARE, unknownShare, seconds }, values);
  return { state: state === 'c' ? 'closed' : 'open', worth };
}
