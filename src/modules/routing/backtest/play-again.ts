/** How probable other rules would have made a recorded choice, by what was known when it was made. Pure. */
import { matchedShares, SmartRouter, worthOf, type Look, type Values } from '../choice/choose.js';
import type { CandidateRow, Reason } from '../reason.js';
import { USUAL_FEE_SHARE } from '../routable.js';
import type { RoutableKind } from '../routable-kind.js';
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
  /** What using up its float counted besides the fee. */
  readonly scarcity: number;
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
    const shares = propensitiesOf(strategy, group, (values) => smartShares(group, values, subject.kind));
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
    return account === undefined ? [] : [{ account, row, admitted, scarcity: reason.scarcity?.[id] ?? 0 }];
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
const UNTRIED: Readonly<Record<RoutableKind, Look>> = { payment: neverTried('payment'), payout: neverTried('payout') };

function neverTried(kind: RoutableKind): Look {
  const [look] = new SmartRouter().look(
    [{ segment: { accountId: '', network: '' }, feeShare: USUAL_FEE_SHARE[kind] }],
    { success: 0, unknown: 0, second: 0, exploration: 0 },
    0,
  );
  if (look === undefined) throw new Error('a router has no view of a candidate');
  return look;
}

/** As the router would have shared, by the beliefs of that time. */
function smartShares(group: readonly Playable[], values: Values, kind: RoutableKind): number[] {
  return matchedShares(
    group.map((each) => lookOf(each, values, kind)),
    values,
  );
}

function lookOf(
  { row, scarcity }: Playable,
  values: Values,
  kind: RoutableKind,
): Pick<Look, 'state' | 'mayProbe' | 'worth' | 'trouble'> {
  if (row === undefined)
    return { state: 'closed', mayProbe: false, trouble: 0, worth: worthOf(UNTRIED[kind], UNTRIED[kind], values) };
  const [, , letter, mean, standardDeviation, unknownShare, seconds, fee, , trouble = 0, inTrouble, deviation] = row;
  const usual = { mean, standardDeviation };
  const believed = {
    usual,
    inTrouble: inTrouble === undefined ? usual : { mean: inTrouble, standardDeviation: deviation ?? 0 },
    trouble,
  };
  return {
    state: letter === 'c' ? 'closed' : letter === 'o' ? 'open' : 'half_open',
    mayProbe: letter === 'p',
    trouble,
    worth: worthOf(believed, { feeShare: (fee ?? USUAL_FEE_SHARE[kind]) + scarcity, unknownShare, seconds }, values),
  };
}
