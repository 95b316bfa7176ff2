import { newUuid } from '../../../kernel/ids/ids.js';
import type { CandidateRow, Reason, StateLetter } from '../reason.js';
import { RuleMatcher, type RuleSubject } from '../rules/match-rules.js';
import { ruleSet } from '../rules/rule-set.js';
import { playAgain, type Accounts, type PlayedAgain } from './play-again.js';

const IDS = ['a', 'b', 'c'];
const accounts: Accounts = {
  get: (id) => (IDS.includes(id) ? { id, gateway: `gateway_${id}`, name: 'main' } : undefined),
  placeOf: (id) => IDS.indexOf(id),
};
const subject: RuleSubject = {
  kind: 'payment',
  amountMinor: 5_000n,
  currency: 'GHS',
  country: 'GH',
  method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
  merchantId: newUuid(),
  metadata: {},
};

const row = (id: string, propensity: number, state: StateLetter = 'c', success = 0.9): CandidateRow => [
  id,
  propensity,
  state,
  success,
  0.02,
  0.01,
  1,
  0.015,
  0.07,
];
const reason = (candidates: readonly CandidateRow[], over: Partial<Reason> = {}): Reason => ({
  version: 1,
  rule: null,
  strategy: 'weights',
  because: 'matched',
  propensity: candidates[0]?.[1] ?? 0,
  candidates,
  excluded: {},
  ...over,
});

const played = (use: object, of: Reason): PlayedAgain | undefined =>
  playAgain(of, subject, new RuleMatcher(ruleSet.parse({ rules: [], otherwise: use })), accounts);

const EVEN = reason([row('b', 0.5), row('a', 0.5)]);
const ORDER_AB = { type: 'order', gateways: ['gateway_a', 'gateway_b'] };
const ORDER_BA = { type: 'order', gateways: ['gateway_b', 'gateway_a'] };

describe('a recorded choice, played again', () => {
  it('is as probable as the other rules would have made it', () => {
    expect(played(ORDER_BA, EVEN)).toEqual({ target: 1, logged: 0.5, covered: 1 });
    expect(played(ORDER_AB, EVEN)).toEqual({ target: 0, logged: 0.5, covered: 1 });
    expect(played({ type: 'priority' }, EVEN)).toMatchObject({ target: 0 });
    expect(played({ type: 'weights', weights: { gateway_a: 1, gateway_b: 3 } }, EVEN)).toMatchObject({ target: 0.75 });
  });

  it('has no weight, and tells nothing, where the log had no chance of what they would choose', () => {
    const certain = reason([row('a', 1), row('b', 0)], { strategy: 'priority' });
    expect(played(ORDER_BA, certain)).toEqual({ target: 0, logged: 1, covered: 0 });
    expect(played(ORDER_AB, certain)).toEqual({ target: 1, logged: 1, covered: 1 });
    const half = played({ type: 'weights', weights: { gateway_a: 1, gateway_b: 1 } }, certain);
    expect(half).toEqual({ target: 0.5, logged: 1, covered: 0.5 });
  });

  it('counts what the rules of that time left out as something nothing is known of', () => {
    const without = reason([row('a', 1)], { excluded: { rule: ['b'] } });
    expect(played(ORDER_BA, without)).toEqual({ target: 0, logged: 1, covered: 0 });
    const smart = played({ type: 'smart' }, without);
    expect(smart?.target).toBeGreaterThan(0);
    expect(smart?.covered).toBeLessThan(1);
    expect(smart?.covered).toBeCloseTo(smart?.target ?? 0, 9);
  });

  it('goes by who was shut out and who was busy then', () => {
    const shut = reason([row('b', 1), row('a', 0, 'o')]);
    expect(played(ORDER_AB, shut)).toMatchObject({ target: 1, covered: 1 });
    const due = reason([row('b', 0.9), row('a', 0.1, 'p')], { strategy: 'smart' });
    expect(played(ORDER_AB, due)).toMatchObject({ target: 0, covered: 1 });
    // A half-open one is shared with by worth like any other: the more probable it is that it is still in trouble, the less.
    expect(played({ type: 'smart' }, due)?.target).toBeCloseTo(0.5, 9);
    const doubtful = reason([row('b', 0.9), ['a', 0.1, 'p', 0.9, 0.02, 0.01, 1, 0.015, 0.07, 0.95, 0.1, 0.05]], {
      strategy: 'smart',
    });
    expect(played({ type: 'smart' }, doubtful)?.target).toBeGreaterThan(0.9);
    const busy = reason([row('b', 1), row('a', 0)], { excluded: { busy: ['a'] } });
    expect(played(ORDER_AB, busy)).toMatchObject({ target: 1 });
    const last = reason([row('b', 1, 'o'), row('a', 0, 'o')], { because: 'last_resort' });
    expect(played(ORDER_AB, last)).toMatchObject({ target: 1, covered: 1 });
    expect(played({ type: 'smart', only: ['gateway_a'] }, last)).toMatchObject({ target: 0, covered: 0 });
  });

  it('is shared by worth as the router would have, with the values of the rules', () => {
    const of = reason([row('a', 0.5, 'c', 0.95), row('b', 0.5, 'c', 0.7)]);
    const target = (values: object): number => played({ type: 'smart', values }, of)?.target ?? Number.NaN;
    expect(target({})).toBeGreaterThan(0.95);
    expect(target({ exploration: 0.2 })).toBeLessThan(0.85);
  });

  it('cannot be read where its accounts are gone, or nothing was written down', () => {
    expect(played(ORDER_AB, reason([]))).toBeUndefined();
    expect(played(ORDER_AB, reason([row('z', 1)]))).toEqual({ target: 0, logged: 1, covered: 0 });
  });
});
