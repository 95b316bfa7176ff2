/**
 * How probable a strategy makes each candidate. Pure, and the same whether a payment is routed, simulated, or played again from the
 * records.
 */
import type { Values } from './choice/choose.js';
import { DEFAULT_VALUES } from './choice/choose.js';
import type { Strategy } from './rules/rule-set.js';

/** As much of a candidate as strategies other than `smart` ask about. */
export interface Option {
  readonly account: { readonly id: string; readonly gateway: string; readonly name: string };
  /** Whether an attempt may go there: it works, or it is time to see whether it does. */
  readonly admitted: boolean;
}

type Names = Option['account'];

/** `paystack` names all accounts there, `paystack/lagos` one. */
export function isNamed(account: Names, name: string): boolean {
  return name === account.gateway || name === `${account.gateway}/${account.name}`;
}

/** Whether a strategy lets an account be tried at all. */
export function allows(strategy: Strategy, account: Names): boolean {
  const isIn = (names: readonly string[]): boolean => names.some((name) => isNamed(account, name));
  switch (strategy.type) {
    case 'priority':
      return true;
    case 'order':
      return strategy.others || isIn(strategy.gateways);
    case 'weights':
      return weightOf(strategy.weights, account) > 0;
    case 'smart':
      return (strategy.only === undefined || isIn(strategy.only)) && !isIn(strategy.never ?? []);
  }
}

/** What an account's own name says goes before what its gateway's says. */
function weightOf(weights: Readonly<Record<string, number>>, account: Names): number {
  return weights[`${account.gateway}/${account.name}`] ?? weights[account.gateway] ?? 0;
}

/** What things are worth under a strategy; others than `smart` are shown what they would be worth by default. */
export function valuesOf(strategy: Strategy): Values {
  if (strategy.type !== 'smart') return DEFAULT_VALUES;
  const { success, unknown, second, exploration } = strategy.values;
  return {
    success: success ?? DEFAULT_VALUES.success,
    unknown: unknown ?? DEFAULT_VALUES.unknown,
    second: second ?? DEFAULT_VALUES.second,
    exploration: exploration ?? DEFAULT_VALUES.exploration,
  };
}

/**
 * @param options by priority, those only that the strategy allows
 * @param smart what the `smart` strategy makes of them, asked for only then
 * @returns how probable each is; all 0 where none is admitted
 */
export function propensitiesOf(
  strategy: Strategy,
  options: readonly Option[],
  smart: (values: Values) => number[],
): number[] {
  switch (strategy.type) {
    case 'priority':
      return firstAdmitted(options, options);
    case 'order':
      return firstAdmitted(options, ordered(options, strategy.gateways));
    case 'weights':
      return byWeight(options, strategy.weights);
    case 'smart':
      return smart(valuesOf(strategy));
  }
}

/** As the names come; accounts of one gateway among each other, and those that are not named, by priority. */
function ordered<Item extends Option>(options: readonly Item[], names: readonly string[]): Item[] {
  const place = ({ account }: Item): number => {
    const index = names.findIndex((name) => isNamed(account, name));
    return index === -1 ? names.length : index;
  };
  return options.toSorted((a, b) => place(a) - place(b));
}

function firstAdmitted(options: readonly Option[], order: readonly Option[]): number[] {
  const chosen = order.find(({ admitted }) => admitted);
  return options.map((option) => (option === chosen ? 1 : 0));
}

function byWeight(options: readonly Option[], weights: Readonly<Record<string, number>>): number[] {
  const isOwn = ({ gateway, name }: Names): boolean => weights[`${gateway}/${name}`] !== undefined;
  const shares = options.map(({ account, admitted }) => {
    if (!admitted) return 0;
    if (isOwn(account)) return weightOf(weights, account);
    const sharers = options.filter(
      (other) => other.admitted && other.account.gateway === account.gateway && !isOwn(other.account),
    );
    return weightOf(weights, account) / sharers.length;
  });
  const sum = shares.reduce((total, share) => total + share, 0);
  return sum === 0 ? shares : shares.map((share) => share / sum);
}
