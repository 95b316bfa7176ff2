import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import { countryOf } from './country.js';
import { RuleMatcher, type RuleSubject } from './match-rules.js';
import { gatewaysNamed, PAYOUTS_OTHERWISE, ruleSet } from './rule-set.js';

const SMART = { type: 'smart' } as const;
const MERCHANT_ID = newUuid();
const MERCHANT = encodeId('merchant', MERCHANT_ID);

const subject = (over: Partial<RuleSubject> = {}): RuleSubject => ({
  kind: 'payment',
  amountMinor: 5_000n,
  currency: 'GHS',
  country: 'GH',
  method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
  merchantId: MERCHANT_ID,
  metadata: {},
  ...over,
});

function matches(when: object, over: Partial<RuleSubject> = {}): boolean {
  const set = ruleSet.parse({
    rules: [{ name: 'it', when, use: { type: 'order', gateways: ['mtn_momo'] } }],
    otherwise: SMART,
  });
  return new RuleMatcher(set).match(subject(over)).rule === 'it';
}

const BANK = { type: 'bank_account', bank_code: '058', account_number: '0123456789', name: 'Ama' } as const;

describe('a rule', () => {
  it.each([
    [{}, {}, true],
    [{ currency: ['GHS'] }, {}, true],
    [{ currency: ['NGN'] }, {}, false],
    [{ country: ['CI'] }, {}, false],
    [{ country: ['GH'] }, { country: undefined }, false],
    [{ method: ['card', 'mobile_money'] }, {}, true],
    [{ network: ['mtn'] }, {}, true],
    [{ network: ['telecel'] }, {}, false],
    [{ network: ['737'] }, { method: { type: 'ussd', bank: '737' } }, true],
    [{ network: ['mtn'] }, { method: { type: 'card' } }, false],
    [{ merchant: [MERCHANT] }, {}, true],
    [{ merchant: [MERCHANT] }, { merchantId: newUuid() }, false],
    [{ metadata: { tier: ['gold'] } }, { metadata: { tier: 'gold' } }, true],
    [{ metadata: { tier: ['gold'] } }, {}, false],
    [{ currency: ['GHS'], amount_from: 5_000 }, {}, true],
    [{ currency: ['GHS'], amount_below: 5_000 }, {}, false],
    [{ currency: ['GHS'], network: ['telecel'] }, {}, false],
    [{}, { kind: 'payout' }, false],
    [{ kind: ['payment'] }, { kind: 'payout' }, false],
    [{ kind: ['payout'] }, {}, false],
    [{ kind: ['payout'] }, { kind: 'payout' }, true],
    [{ kind: ['payout', 'payment'], network: ['mtn'] }, { kind: 'payout' }, true],
    [{ kind: ['payout', 'payment'], network: ['mtn'] }, {}, true],
    [{ kind: ['payout'], method: ['bank_account'], network: ['058'] }, { kind: 'payout', method: BANK }, true],
    [{ kind: ['payout'], network: ['044'] }, { kind: 'payout', method: BANK }, false],
  ])('%j', (when, over, expected) => {
    expect(matches(when, over as Partial<RuleSubject>)).toBe(expected);
  });

  it('gives way to those before it, and is followed by what is left', () => {
    const set = ruleSet.parse({
      rules: [
        { name: 'large', when: { currency: ['GHS'], amount_from: 100_000 }, use: SMART },
        { name: 'all', when: {}, use: { type: 'weights', weights: { paystack: 3, 'hubtel/accra': 1 } } },
      ],
      otherwise: SMART,
    });
    const matcher = new RuleMatcher(set);
    expect(matcher.match(subject({ amountMinor: 100_000n })).rule).toBe('large');
    expect(matcher.match(subject())).toMatchObject({ rule: 'all', strategy: { type: 'weights' } });
    expect(new RuleMatcher(ruleSet.parse({ rules: [], otherwise: SMART })).match(subject())).toMatchObject({
      rule: null,
      strategy: SMART,
    });
  });
});

it('tells of every rule before the one that fits what was not met', () => {
  const set = ruleSet.parse({
    rules: [
      { name: 'naira', when: { currency: ['NGN'], method: ['card'] }, use: SMART },
      { name: 'gold', when: { currency: ['GHS'], metadata: { tier: ['gold'] } }, use: SMART },
      { name: 'large', when: { currency: ['GHS'], amount_from: 5_001, amount_below: 4_000 }, use: SMART },
      { name: 'all', when: {}, use: SMART },
      { name: 'never reached', when: { currency: ['XOF'] }, use: SMART },
    ],
    otherwise: SMART,
  });
  expect(new RuleMatcher(set).trace(subject())).toEqual([
    { rule: 'naira', unmet: ['currency', 'method'] },
    { rule: 'gold', unmet: ['metadata.tier'] },
    { rule: 'large', unmet: ['amount_from', 'amount_below'] },
  ]);
});

it('points at every gateway that a set names', () => {
  const set = ruleSet.parse({
    rules: [
      { name: 'a', when: {}, use: { type: 'weights', weights: { 'hubtel/accra': 1 } } },
      { name: 'b', when: {}, use: { type: 'smart', only: ['mtn_momo'], never: ['wave'] } },
    ],
    otherwise: { type: 'order', gateways: ['paystack', 'hubtel'] },
  });
  expect(gatewaysNamed(set)).toEqual([
    { pointer: '/rules/0/use/weights/hubtel~1accra', name: 'hubtel/accra' },
    { pointer: '/rules/1/use/only/0', name: 'mtn_momo' },
    { pointer: '/rules/1/use/never/0', name: 'wave' },
    { pointer: '/otherwise/gateways/0', name: 'paystack' },
    { pointer: '/otherwise/gateways/1', name: 'hubtel' },
  ]);
});

it.each([
  ['+2348012345678', 'NGN', 'NG'],
  ['+225 07 00 00 00 00', 'XOF', 'CI'],
  ['+224620000000', 'GNF', 'GN'],
  ['+2451234567', 'XOF', 'GW'],
  ['+447700900000', 'GHS', undefined],
  [undefined, 'GHS', 'GH'],
  [undefined, 'XOF', undefined],
])('of %s and %s the country is %s', (phone, currency, country) => {
  const method = phone === undefined ? ({ type: 'card' } as const) : { ...subject().method, phone };
  expect(countryOf({ currency, method: method as RuleSubject['method'], customer: {} })).toBe(country);
  expect(countryOf({ currency, method: { type: 'card' }, customer: { phone } })).toBe(country);
});

it('leaves payouts that no rule is about to float, fee and success, whatever is done with the other payments', () => {
  const set = ruleSet.parse({
    rules: [{ name: 'everything', when: {}, use: { type: 'order', gateways: ['hubtel'] } }],
    otherwise: { type: 'priority' },
  });
  const matcher = new RuleMatcher(set);
  expect(matcher.match(subject({ kind: 'payout' }))).toEqual({ rule: null, strategy: PAYOUTS_OTHERWISE });
  expect(matcher.trace(subject({ kind: 'payout' }))).toEqual([{ rule: 'everything', unmet: ['kind'] }]);
  expect(matcher.match(subject()).rule).toBe('everything');
});

describe('a set of rules is refused', () => {
  const set = (rule: object): unknown => ({
    rules: [{ name: 'it', when: {}, use: SMART, ...rule }],
    otherwise: SMART,
  });
  it.each([
    ['a misspelt condition', set({ when: { curency: ['GHS'] } })],
    ['an empty list', set({ when: { currency: [] } })],
    ['an unknown currency', set({ when: { currency: ['XXX'] } })],
    ['an amount without a currency', set({ when: { amount_from: 1 } })],
    ['an amount in two currencies', set({ when: { amount_from: 1, currency: ['GHS', 'NGN'] } })],
    ['an unknown kind', set({ when: { kind: ['refund'] } })],
    ['no kind at all', set({ when: { kind: [] } })],
    ['payouts by card', set({ when: { kind: ['payout'], method: ['mobile_money', 'card'] } })],
    ['payments to a bank account', set({ when: { method: ['bank_account'] } })],
    ['an unknown strategy', set({ use: { type: 'cheapest' } })],
    ['weights of nothing', set({ use: { type: 'weights', weights: { paystack: 0 } } })],
    ['an exploration of a half', set({ use: { type: 'smart', values: { exploration: 0.5 } } })],
    ['two rules of one name', { rules: [1, 2].map(() => ({ name: 'it', when: {}, use: SMART })), otherwise: SMART }],
    ['nothing for the rest', { rules: [] }],
  ])('%s', (_what, given) => {
    expect(ruleSet.safeParse(given).success).toBe(false);
  });
});
