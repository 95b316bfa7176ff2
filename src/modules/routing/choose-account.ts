/**
 * Which account an attempt goes to, of a payment or a payout: the active rules decide among the accounts that can take it and have not been tried, minus
 * those that an operator has closed for maintenance, those whose breaker is open, and for a payout those whose float is surely too small.
 */
import type { Candidate, Look, Values } from './choice/choose.js';
import { draw } from './choice/pick.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import {
  candidateRow,
  MAX_CANDIDATES_KEPT,
  scarcityOf,
  type Because,
  type Exclusion,
  type Reason,
  type Seen,
} from './reason.js';
import { feeShareOf, railOver, segmentOf, subjectOf, USUAL_FEE_SHARE, type ToRoute } from './routable.js';
import type { RuleMatch } from './rules/match-rules.js';
import { windowOver, type Policy } from './rules/policy.js';
import { allows, propensitiesOf, valuesOf } from './strategies.js';

export interface Beliefs {
  look(candidates: readonly Candidate[], values: Values): Look[];
  propensitiesOf(looks: readonly Look[], values: Values): number[];
  opensUntil(segment: Look['segment']): number;
}

/** What is there to be paid out at an account. */
export interface FloatLook {
  /** False: surely not enough. */
  readonly fits: boolean;
  /** What using up a float that is running out counts besides the fee, as a share of the amount. */
  readonly scarcity: number;
}

export interface ChoiceQuestion {
  readonly policy: Policy;
  readonly toRoute: ToRoute;
  /** Accounts that can take it, by priority. */
  readonly accounts: readonly RoutingAccount[];
  readonly tried: ReadonlySet<string>;
  readonly nowMs: number;
  /** Whether an attempt for this account would be sent in good time. */
  sendsSoon(accountId: string): boolean;
  /** Not given: no float is needed. */
  floatOf?(accountId: string): FloatLook;
}

/** How probable each account is. */
export interface Distribution {
  readonly match: RuleMatch;
  readonly because: 'chance' | 'last_resort' | 'waits_for_float';
  /** Those that the rules allow, by priority. With a propensity of 0 when they are out of the question at the moment. */
  readonly seen: readonly Seen[];
  readonly excluded: Readonly<Partial<Record<Exclusion, readonly string[]>>>;
}

/**
 * One that sends it in good time goes before a preferred one that would not: from there it would only be diverted later.
 *
 * When every account left is open, the one that is due for a probe soonest is tried all the same: not trying is a certain failure
 * of this payment, and a breaker that tripped by bad luck would turn into a total outage for a merchant with one gateway.
 * At worst the attempt is refused at once, or becomes unknown and is resolved; it can never charge twice. A maintenance window is no
 * such guess but what somebody knows, and an attempt sent into it may stay unknown for hours: nothing is sent there.
 *
 * Where no float suffices, the account that would be chosen otherwise has the payout: it waits there until the float is filled up, or another one's is.
 */
export function distributionOver(beliefs: Beliefs, question: ChoiceQuestion): Distribution {
  const { policy, toRoute, accounts, tried, nowMs } = question;
  const match = policy.matcher.match(subjectOf(toRoute));
  const rail = railOver(toRoute);
  const excluded: Partial<Record<Exclusion, string[]>> = {};
  const exclude = (why: Exclusion, { id }: RoutingAccount): boolean => {
    (excluded[why] ??= []).push(id);
    return false;
  };
  const possible = accounts.flatMap((account) => {
    if (tried.has(account.id)) exclude('tried', account);
    else if (!allows(match.strategy, account)) exclude('rule', account);
    else if (windowOver(policy, account, rail, nowMs) !== undefined) exclude('maintenance', account);
    else return [{ account, float: question.floatOf?.(account.id) }];
    return [];
  });
  const fitting = possible.filter(({ float }) => float?.fits !== false);
  const waits = possible.length > 0 && fitting.length === 0;
  if (!waits) for (const { account, float } of possible) if (float?.fits === false) exclude('float', account);
  const options = waits ? possible : fitting;
  const fees = options.map(({ account }) => feeShareOf(account, toRoute));
  const looks = beliefs.look(
    options.map(({ account, float }, index) => ({
      segment: segmentOf(account.id, toRoute),
      feeShare: (fees[index] ?? USUAL_FEE_SHARE[toRoute.kind]) + (float?.scarcity ?? 0),
    })),
    valuesOf(match.strategy),
  );
  const allowed = options.map(({ account }) => account);
  const isBusy = allowed.map(({ id }) => !question.sendsSoon(id));
  const shared = share(beliefs, match, { allowed, looks, isBusy, waits });
  for (const [index, account] of allowed.entries()) if (isBusy[index] === true) exclude('busy', account);
  const seen = options.flatMap(({ account, float }, index): Seen[] => {
    const look = looks[index];
    if (look === undefined) return [];
    const propensity = shared.propensities[index] ?? 0;
    return [{ account, look, feeShare: fees[index] ?? null, propensity, ...(float && { scarcity: float.scarcity }) }];
  });
  return { match, because: shared.because, seen, excluded };
}

interface Allowed {
  readonly allowed: readonly RoutingAccount[];
  readonly looks: readonly Look[];
  readonly isBusy: readonly boolean[];
  /** No float suffices at any of them. */
  readonly waits: boolean;
}

function share(
  beliefs: Beliefs,
  { strategy }: RuleMatch,
  { allowed, looks, isBusy, waits }: Allowed,
): { readonly because: Distribution['because']; readonly propensities: readonly number[] } {
  for (const busy of [false, true]) {
    const group = allowed.flatMap((account, index) => {
      const look = looks[index];
      return look === undefined || isBusy[index] !== busy ? [] : [{ account, look, index, admitted: isAdmitted(look) }];
    });
    const shares = propensitiesOf(strategy, group, (values) =>
      beliefs.propensitiesOf(
        group.map(({ look }) => look),
        values,
      ),
    );
    if (!shares.some((each) => each > 0)) continue;
    const propensities = allowed.map(() => 0);
    for (const [at, { index }] of group.entries()) propensities[index] = shares[at] ?? 0;
    return { because: waits ? 'waits_for_float' : 'chance', propensities };
  }
  const dueAt = looks.map(({ segment }) => beliefs.opensUntil(segment));
  const soonest = dueAt.indexOf(Math.min(...dueAt));
  return {
    because: waits ? 'waits_for_float' : 'last_resort',
    propensities: looks.map((_, index) => (index === soonest ? 1 : 0)),
  };
}

function isAdmitted({ state, mayProbe }: Look): boolean {
  return state === 'closed' || mayProbe;
}

export interface Choice {
  readonly account: RoutingAccount;
  readonly reason: Reason;
}

/**
 * Draws one, and takes the place of the probe if it is one.
 * @param onlyReady none that is tried for want of a better one
 */
export function drawFrom(
  breakers: { readonly random: () => number; begin(segment: Look['segment']): void },
  policy: Policy,
  distribution: Distribution,
  onlyReady: boolean,
): Choice | undefined {
  const { seen, because } = distribution;
  if (seen.length === 0 || (onlyReady && because !== 'chance')) return undefined;
  const propensities = seen.map(({ propensity }) => propensity);
  const chosen = seen[draw(propensities, breakers.random)];
  if (chosen === undefined) return undefined;
  if (because === 'chance' && chosen.look.state !== 'closed') breakers.begin(chosen.look.segment);
  return { account: chosen.account, reason: reasonFor(policy, distribution, chosen) };
}

/** The reason that is kept with the attempt. */
function reasonFor(policy: Policy, { match, because, seen, excluded }: Distribution, chosen: Seen): Reason {
  const others = seen.filter((each) => each !== chosen);
  const own = candidateRow(chosen);
  const kept = [chosen, ...others.slice(0, MAX_CANDIDATES_KEPT - 1)];
  const scarcity = scarcityOf(kept);
  return {
    version: policy.version,
    rule: match.rule,
    strategy: match.strategy.type,
    because: becauseOf(because, chosen),
    propensity: own[1],
    candidates: kept.map(candidateRow),
    excluded,
    ...(scarcity && { scarcity }),
  };
}

function becauseOf(because: Distribution['because'], chosen: Seen): Because {
  if (because !== 'chance') return because;
  return chosen.look.state === 'closed' ? 'matched' : 'probe';
}
