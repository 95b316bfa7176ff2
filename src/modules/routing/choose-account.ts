/**
 * Which account an attempt goes to: the active rules decide among the accounts that can take the payment and have not been tried, minus
 * those that an operator has closed for maintenance and those whose breaker is open. Decides, and changes nothing.
 */
import type { Candidate, Look, Values } from './choice/choose.js';
import { networkOf } from './choice/segment.js';
import { feeFor } from './fees/fee-model.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import { candidateRow, MAX_CANDIDATES_KEPT, type Because, type Exclusion, type Reason, type Seen } from './reason.js';
import type { RoutedPayment } from './routed-payment.js';
import { countryOf } from './rules/country.js';
import type { RuleMatch, RuleSubject } from './rules/match-rules.js';
import { windowOver, type Policy } from './rules/policy.js';
import { allows, propensitiesOf, valuesOf } from './strategies.js';

/** What an account is taken to keep of which nobody wrote it down: the usual, so that it is neither preferred nor avoided for it. */
export const USUAL_FEE_SHARE = 0.015;

/** As much of a payment as the choice depends on. */
export type PaymentToRoute = Pick<
  RoutedPayment,
  'merchantId' | 'livemode' | 'amountMinor' | 'currency' | 'method' | 'customer' | 'metadata'
>;

export interface Beliefs {
  look(candidates: readonly Candidate[], values: Values): Look[];
  propensitiesOf(looks: readonly Look[], values: Values): number[];
  opensUntil(segment: Look['segment']): number;
}

export interface ChoiceQuestion {
  readonly policy: Policy;
  readonly payment: PaymentToRoute;
  /** Accounts that can take it, by priority. */
  readonly accounts: readonly RoutingAccount[];
  readonly tried: ReadonlySet<string>;
  readonly nowMs: number;
  /** Whether an attempt for this account would be sent in good time. */
  sendsSoon(accountId: string): boolean;
}

/** How probable each account is. */
export interface Distribution {
  readonly match: RuleMatch;
  readonly because: 'chance' | 'last_resort';
  /** Those that the rules allow, by priority. With a propensity of 0 when they are out of the question at the moment. */
  readonly seen: readonly Seen[];
  readonly excluded: Readonly<Partial<Record<Exclusion, readonly string[]>>>;
}

export function subjectOf(payment: PaymentToRoute): RuleSubject {
  const { amountMinor, currency, method, merchantId, metadata } = payment;
  return { amountMinor, currency, method, merchantId, metadata, country: countryOf(payment) };
}

/** What an account would keep, as a share of the amount; null where nobody wrote it down. */
export function feeShareOf(account: Pick<RoutingAccount, 'fees'>, payment: PaymentToRoute): number | null {
  const { amountMinor, currency, method } = payment;
  if (account.fees.length === 0 || amountMinor === 0n) return null;
  const network = method.type === 'mobile_money' ? method.network : method.type === 'ussd' ? method.bank : undefined;
  const fee = feeFor(account.fees, { amountMinor, currency, method: method.type, network });
  return fee === undefined ? null : Number(fee) / Number(amountMinor);
}

/**
 * One that sends it in good time goes before a preferred one that would not: from there it would only be diverted later.
 *
 * When every account left is open, the one that is due for a probe soonest is tried all the same: not trying is a certain failure
 * of this payment, and a breaker that tripped by bad luck would turn into a total outage for a merchant with one gateway.
 * At worst the attempt is refused at once, or becomes unknown and is resolved; it can never charge twice. A maintenance window is no
 * such guess but what somebody knows, and an attempt sent into it may stay unknown for hours: nothing is sent there.
 */
export function distributionOver(beliefs: Beliefs, question: ChoiceQuestion): Distribution {
  const { policy, payment, accounts, tried, nowMs } = question;
  const match = policy.matcher.match(subjectOf(payment));
  const network = networkOf(payment.currency, payment.method);
  const excluded: Partial<Record<Exclusion, string[]>> = {};
  const exclude = (why: Exclusion, { id }: RoutingAccount): boolean => {
    (excluded[why] ??= []).push(id);
    return false;
  };
  const allowed = accounts.filter((account) => {
    if (tried.has(account.id)) return exclude('tried', account);
    if (!allows(match.strategy, account)) return exclude('rule', account);
    if (windowOver(policy, account, network, nowMs) !== undefined) return exclude('maintenance', account);
    return true;
  });
  const fees = allowed.map((account) => feeShareOf(account, payment));
  const looks = beliefs.look(
    allowed.map(({ id }, index) => ({
      segment: { accountId: id, network },
      feeShare: fees[index] ?? USUAL_FEE_SHARE,
    })),
    valuesOf(match.strategy),
  );
  const isBusy = allowed.map(({ id }) => !question.sendsSoon(id));
  const { because, propensities } = share(beliefs, match, { allowed, looks, isBusy });
  for (const [index, account] of allowed.entries()) if (isBusy[index] === true) exclude('busy', account);
  const seen = allowed.flatMap((account, index): Seen[] => {
    const look = looks[index];
    return look === undefined
      ? []
      : [{ account, look, feeShare: fees[index] ?? null, propensity: propensities[index] ?? 0 }];
  });
  return { match, because, seen, excluded };
}

interface Allowed {
  readonly allowed: readonly RoutingAccount[];
  readonly looks: readonly Look[];
  readonly isBusy: readonly boolean[];
}

function share(
  beliefs: Beliefs,
  { strategy }: RuleMatch,
  { allowed, looks, isBusy }: Allowed,
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
    return { because: 'chance', propensities };
  }
  const dueAt = looks.map(({ segment }) => beliefs.opensUntil(segment));
  const soonest = dueAt.indexOf(Math.min(...dueAt));
  return { because: 'last_resort', propensities: looks.map((_, index) => (index === soonest ? 1 : 0)) };
}

function isAdmitted({ state, mayProbe }: Look): boolean {
  return state === 'closed' || mayProbe;
}

/** The reason that is kept with the attempt. */
export function reasonFor(policy: Policy, { match, because, seen, excluded }: Distribution, chosen: Seen): Reason {
  const others = seen.filter((each) => each !== chosen);
  const own = candidateRow(chosen);
  return {
    version: policy.version,
    rule: match.rule,
    strategy: match.strategy.type,
    because: becauseOf(because, chosen),
    propensity: own[1],
    candidates: [own, ...others.slice(0, MAX_CANDIDATES_KEPT - 1).map(candidateRow)],
    excluded,
  };
}

function becauseOf(because: Distribution['because'], chosen: Seen): Because {
  if (because === 'last_resort') return 'last_resort';
  return chosen.look.state === 'closed' ? 'matched' : 'probe';
}
