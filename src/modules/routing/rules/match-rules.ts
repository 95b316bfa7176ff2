/** Which rule of a set a payment falls under. Rules are compiled once, since every attempt asks. */
import type { PaymentMethod } from '../../../contracts/shared.js';
import type { Rule, RuleSet, Strategy } from './rule-set.js';

/** What conditions may ask about. */
export interface RuleSubject {
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly country: string | undefined;
  readonly method: PaymentMethod;
  /** With its prefix. */
  readonly merchantId: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface RuleMatch {
  /** Null: none fitted. */
  readonly rule: string | null;
  readonly strategy: Strategy;
}

type Test = (subject: RuleSubject) => boolean;

export class RuleMatcher {
  private readonly rules: readonly { readonly fits: readonly Test[]; readonly match: RuleMatch }[];
  private readonly otherwise: RuleMatch;

  constructor(set: RuleSet) {
    this.rules = set.rules.map((rule) => ({
      fits: testsOf(rule.when),
      match: { rule: rule.name, strategy: rule.use },
    }));
    this.otherwise = { rule: null, strategy: set.otherwise };
  }

  match(subject: RuleSubject): RuleMatch {
    return this.rules.find(({ fits }) => fits.every((test) => test(subject)))?.match ?? this.otherwise;
  }
}

function testsOf(when: Rule['when']): Test[] {
  const tests: Test[] = [];
  const isIn = (values: readonly string[] | undefined, read: (subject: RuleSubject) => string | undefined): void => {
    if (values === undefined) return;
    const wanted = new Set(values);
    tests.push((subject) => {
      const value = read(subject);
      return value !== undefined && wanted.has(value);
    });
  };
  isIn(when.currency, ({ currency }) => currency);
  isIn(when.country, ({ country }) => country);
  isIn(when.method, ({ method }) => method.type);
  isIn(when.network, ({ method }) => networkOf(method));
  isIn(when.merchant, ({ merchantId }) => merchantId);
  for (const [key, values] of Object.entries(when.metadata ?? {})) isIn(values, ({ metadata }) => metadata[key]);
  const { amount_from: from, amount_below: below } = when;
  if (from !== undefined) tests.push(({ amountMinor }) => amountMinor >= BigInt(from));
  if (below !== undefined) tests.push(({ amountMinor }) => amountMinor < BigInt(below));
  return tests;
}

function networkOf(method: PaymentMethod): string | undefined {
  if (method.type === 'mobile_money') return method.network;
  return method.type === 'ussd' ? method.bank : undefined;
}
