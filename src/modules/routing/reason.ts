/**
 * Why an attempt goes where it goes, as it is kept with the attempt: enough to explain the choice, and for a backtest to say what other rules
 * would have chosen in its place. Written for every attempt, so it is kept short: candidates are rows without names.
 */
import { NO_TROUBLE, type Look } from './choice/choose.js';
import { meanOf } from './choice/pick.js';
import type { RoutingAccount } from './gateway-accounts.store.js';

/**
 * `matched`: as the strategy says. `probe`: to see whether it works again. `last_resort`: all are shut out, and not trying is a certain failure.
 * `waits_for_float`: no account has enough to pay it out, and it waits at this one.
 */
export type Because = 'matched' | 'probe' | 'last_resort' | 'waits_for_float';

/** Why an account was not among the candidates, or came after them. */
export type Exclusion = 'tried' | 'rule' | 'maintenance' | 'busy' | 'float';

/** The letter that stands for a state; a half-open one that could be probed is `p`. */
export type StateLetter = 'c' | 'o' | 'h' | 'p';

/**
 * Account, propensity, state, believed success in ordinary times, its deviation, share of unknown outcomes, seconds, fee share (null: no fee is known),
 * worth; and where it may be in trouble, how probable that is, and success and deviation if it is.
 */
export type CandidateRow = readonly [
  account: string,
  propensity: number,
  state: StateLetter,
  success: number,
  deviation: number,
  unknown: number,
  seconds: number,
  fee: number | null,
  worth: number,
  trouble?: number,
  troubleSuccess?: number,
  troubleDeviation?: number,
];

export interface Reason {
  /** Of the rule set; 0: none was active. */
  readonly version: number;
  readonly rule: string | null;
  readonly strategy: 'priority' | 'order' | 'weights' | 'smart';
  readonly because: Because;
  /** Of what was chosen. */
  readonly propensity: number;
  /** Those that could have been chosen, the chosen one first. */
  readonly candidates: readonly CandidateRow[];
  /** Ids of accounts that could not, by why. */
  readonly excluded: Readonly<Partial<Record<Exclusion, readonly string[]>>>;
  /** Of a payout, by account: what using up its float counted besides the fee, as a share of the amount. Where it counted nothing it is not there. */
  readonly scarcity?: Readonly<Record<string, number>>;
}

/** More candidates are not written down: a merchant has a handful. What was chosen always is. */
export const MAX_CANDIDATES_KEPT = 12;

/** Five decimals: beliefs are not known better, and shares of an amount to a thousandth of a percent. */
function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

/** A propensity is kept above 0, and exactly enough where it is small: whoever weighs by it divides by it. */
function roundedUp(propensity: number): number {
  return propensity === 0 ? 0 : Math.max(1e-6, Math.round(propensity * 1e6) / 1e6);
}

export function letterOf({ state, mayProbe }: Pick<Look, 'state' | 'mayProbe'>): StateLetter {
  if (state === 'half_open') return mayProbe ? 'p' : 'h';
  return state === 'closed' ? 'c' : 'o';
}

/** What is known of an account at the moment of a choice. */
export interface Seen {
  readonly account: RoutingAccount;
  readonly look: Look;
  /** Null: nobody wrote down what the gateway keeps. */
  readonly feeShare: number | null;
  readonly propensity: number;
  /** Of a payout alone: what using up the float counts besides. */
  readonly scarcity?: number;
}

/** Undefined: it counted nothing at any. */
export function scarcityOf(seen: readonly Seen[]): Readonly<Record<string, number>> | undefined {
  const scarce = seen.filter(({ scarcity = 0 }) => scarcity > 0);
  if (scarce.length === 0) return undefined;
  return Object.fromEntries(scarce.map(({ account, scarcity = 0 }) => [account.id, rounded(scarcity)]));
}

export function candidateRow({ account, look, feeShare, propensity }: Seen): CandidateRow {
  const row = [
    account.id,
    roundedUp(propensity),
    letterOf(look),
    rounded(look.usual.mean),
    rounded(look.usual.standardDeviation),
    rounded(look.unknownShare),
    rounded(look.seconds),
    feeShare === null ? null : rounded(feeShare),
    rounded(meanOf(look.worth)),
  ] as const;
  if (look.trouble < NO_TROUBLE) return row;
  const { mean, standardDeviation } = look.inTrouble;
  return [...row, rounded(look.trouble), rounded(mean), rounded(standardDeviation)];
}

const STATES: Readonly<Record<StateLetter, string>> = {
  c: 'closed',
  o: 'open',
  h: 'half_open',
  p: 'half_open',
};

/** An account as people know it. */
export interface NamedAccount {
  readonly gateway_account: string;
  readonly gateway: string | null;
  readonly name: string | null;
}

export type NameAccount = (accountId: string) => NamedAccount;

/** A candidate with names, for people. */
export function shownCandidate(row: CandidateRow, name: NameAccount): Record<string, unknown> {
  const [account, propensity, state, success, deviation, unknown, seconds, fee, worth, ...trouble] = row;
  return {
    ...name(account),
    propensity,
    breaker: STATES[state],
    may_probe: state === 'p',
    success: { mean: success, standard_deviation: deviation },
    trouble: shownTrouble(trouble),
    unknown_share: unknown,
    seconds,
    fee_share: fee,
    worth,
  };
}

/** Null: nothing speaks for one. */
function shownTrouble([probability, mean, deviation]: readonly (number | undefined)[]): Record<string, unknown> | null {
  if (probability === undefined) return null;
  return { probability, success: { mean, standard_deviation: deviation } };
}

/** Whether it is one: attempts of before there were rules have another kind of reason. */
export function isReason(value: unknown): value is Reason {
  return typeof value === 'object' && value !== null && 'candidates' in value && Array.isArray(value.candidates);
}

/** With names, for people; a reason of the old kind is shown as it is. */
export function shownReason(reason: unknown, name: NameAccount): unknown {
  if (!isReason(reason)) return reason;
  const { version, rule, strategy, because, propensity, candidates, excluded, scarcity } = reason;
  return {
    rule_set_version: version === 0 ? null : version,
    rule,
    strategy,
    because,
    propensity,
    candidates: candidates.map((row) => ({
      ...shownCandidate(row, name),
      ...(scarcity?.[row[0]] === undefined ? {} : { float_scarcity: scarcity[row[0]] }),
    })),
    excluded: Object.entries(excluded).flatMap(([why, ids]) => ids.map((id) => ({ ...name(id), why }))),
  };
}
