/** Which rule of a set a payment or payout falls under. Rules are compiled once, since every attempt asks. */
import type { PaymentMethod, PayoutDestination } from '../../../contracts/shared.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import type { RoutableKind } from '../routable-kind.js';
import { concerned, PAYOUTS_OTHERWISE, type Rule, type RuleSet, type Strategy } from './rule-set.js';

/** What conditions may ask about. */
export interface RuleSubject {
  readonly kind: RoutableKind;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly country: string | undefined;
  /** Of a payout, where it goes. */
  readonly method: PaymentMethod | PayoutDestination;
  /** As it is stored. */
  readonly merchantId: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface RuleMatch {
  /** Null: none fitted. */
  readonly rule: string | null;
  readonly strategy: Strategy;
}

/** A rule that was asked, and which of its conditions did not hold. */
export interface RuleTrace {
  readonly rule: string;
  readonly unmet: readonly string[];
}

interface Test {
  readonly condition: string;
  holds(subject: RuleSubject): boolean;
}

export class RuleMatcher {
  private readonly rules: readonly { readonly tests: readonly Test[]; readonly match: RuleMatch }[];
  private readonly otherwise: Readonly<Record<RoutableKind, RuleMatch>>;

  constructor(set: RuleSet) {
    this.rules = set.rules.map((rule) => ({
      tests: testsOf(rule.when),
      match: { rule: rule.name, strategy: rule.use },
    }));
    this.otherwise = {
      payment: { rule: null, strategy: set.otherwise },
      payout: { rule: null, strategy: PAYOUTS_OTHERWISE },
    };
  }

  match(subject: RuleSubject): RuleMatch {
    return (
      this.rules.find(({ tests }) => tests.every((test) => test.holds(subject)))?.match ?? this.otherwise[subject.kind]
    );
  }

  /** Every rule that comes before the one that fits, and why it does not. */
  trace(subject: RuleSubject): RuleTrace[] {
    const traces: RuleTrace[] = [];
    for (const { tests, match } of this.rules) {
      const unmet = tests.filter((test) => !test.holds(subject)).map(({ condition }) => condition);
      if (unmet.length === 0) break;
      traces.push({ rule: match.rule ?? '', unmet });
    }
    return traces;
  }
}

function testsOf(when: Rule['when']): Test[] {
  const tests: Test[] = [];
  const add = (condition: string, holds: Test['holds']): number => tests.push({ condition, holds });
  const isIn = (
    condition: string,
    values: readonly string[] | undefined,
    read: (subject: RuleSubject) => string | undefined,
  ): void => {
    if (values === undefined) return;
    const wanted = new Set(values);
    add(condition, (subject) => {
      const value = read(subject);
      return value !== undefined && wanted.has(value);
    });
  };
  isIn('kind', concerned(when), ({ kind }) => kind);
  isIn('currency', when.currency, ({ currency }) => currency);
  isIn('country', when.country, ({ country }) => country);
  isIn('method', when.method, ({ method }) => method.type);
  isIn('network', when.network, ({ method }) => networkNamed(method));
  // Decoded once here rather than encoded for every payment.
  isIn(
    'merchant',
    when.merchant?.map((id) => decodeId('merchant', id) ?? id),
    ({ merchantId }) => merchantId,
  );
  for (const [key, values] of Object.entries(when.metadata ?? {}))
    isIn(`metadata.${key}`, values, ({ metadata }) => (Object.hasOwn(metadata, key) ? metadata[key] : undefined));
  const { amount_from: from, amount_below: below } = when;
  if (from !== undefined) add('amount_from', atLeast(BigInt(from)));
  if (below !== undefined) {
    const reaches = atLeast(BigInt(below));
    add('amount_below', (subject) => !reaches(subject));
  }
  return tests;
}

function atLeast(limit: bigint): (subject: RuleSubject) => boolean {
  return ({ amountMinor }) => amountMinor >= limit;
}

/** What conditions and fees call the network: of mobile money; of USSD and bank accounts, the bank. */
export function networkNamed(method: RuleSubject['method']): string | undefined {
  switch (method.type) {
    case 'mobile_money':
      return method.network;
    case 'ussd':
      return method.bank;
    case 'bank_account':
      return method.bank_code;
    case 'card':
    case 'bank_transfer':
      return undefined;
  }
}
