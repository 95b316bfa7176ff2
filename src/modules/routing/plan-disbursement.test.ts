import type { Attempt } from './attempt.js';
import { SmartRouter } from './choice/choose.js';
import { disbursementSegment } from './disbursement-segment.js';
import { feeSchedule } from './fees/fee-model.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { planPayout, planRefund } from './plan-disbursement.js';
import type { Window } from './rules/maintenance.store.js';
import { isReason } from './reason.js';
import { RuleMatcher } from './rules/match-rules.js';
import { ruleSet } from './rules/rule-set.js';
import type { RoutedPayout, RoutedRefund } from './routed-payment.js';

const NOW = new Date('2026-01-01T12:00:00Z');
const common = {
  id: '018f0000-0000-7000-8000-000000000002',
  merchantId: '018f0000-0000-7000-8000-000000000003',
  livemode: false,
  amountMinor: 100n,
  currency: 'GHS',
  description: null,
  state: 'routing',
  causedBy: '018f0000-0000-7000-8000-000000000004',
  headers: { correlation_id: 'req_test' },
} as const;
const payout: RoutedPayout = {
  ...common,
  kind: 'payout',
  metadata: {},
  destination: { type: 'mobile_money', network: 'mtn', phone: '+233241234567', name: 'Ama' },
};
const refund: RoutedRefund = { ...common, kind: 'refund', capturedBy: '018f0000-0000-7000-8000-000000000005' };

const account = (gateway: string, credentials: Readonly<Record<string, string>> = {}): RoutingAccount => ({
  id: `account of ${gateway}`,
  gateway,
  name: 'main',
  livemode: false,
  baseUrl: 'http://127.0.0.1:1',
  credentials,
  merchantId: null,
  priority: 1,
  enabled: true,
  fees: [],
  credentialsProblem: null,
  createdAt: NOW,
});

const written = { writtenReference: (reference: string) => reference };
const adapter = (parts: { payouts?: object; refunds?: object }): GatewayAdapter =>
  ({
    ...(parts.payouts && {
      payouts: {
        ...written,
        destinationCurrencies: { mobile_money: ['GHS'] },
        networks: { GHS: ['mtn'] },
        requiredCredentials: [],
        ...parts.payouts,
      },
    }),
    ...(parts.refunds && { refunds: { ...written, ...parts.refunds } }),
  }) as unknown as GatewayAdapter;

const adapters = new Map([
  ['first', adapter({ payouts: {}, refunds: { partial: true } })],
  ['second', adapter({ payouts: {}, refunds: { partial: false } })],
  ['banks', adapter({ payouts: { destinationCurrencies: { bank_account: ['GHS'] } } })],
  ['telecel', adapter({ payouts: { networks: { GHS: ['telecel'] } } })],
  ['locked', adapter({ payouts: { requiredCredentials: ['payout_key'] } })],
  ['collects', adapter({})],
]);

interface Situation {
  readonly accounts?: readonly RoutingAccount[];
  readonly short?: readonly string[];
  /** What using up their floats counts. */
  readonly scarce?: Readonly<Record<string, number>>;
  readonly open?: readonly string[];
  /** Half-open, and nobody is looking yet. */
  readonly due?: readonly string[];
  /** At which four in ten payouts of late have failed. */
  readonly poor?: readonly string[];
  readonly tried?: readonly string[];
  readonly onlyReady?: boolean;
  /** Open now, of everything they do not narrow down. */
  readonly windows?: readonly Partial<Window>[];
  /** A strategy for payouts; null: no rule is about them. */
  readonly use?: object | null;
  readonly random?: () => number;
}

const begun: string[] = [];
const planned: string[] = [];

function router(poor: readonly string[]): SmartRouter {
  const made = new SmartRouter();
  for (let nowMs = 0; nowMs < 1_000; nowMs += 1) {
    for (const name of ['first', 'second']) {
      const { accountId, network } = disbursementSegment(`account of ${name}`, payout);
      const worked = nowMs % 25 !== 0 && !(poor.includes(name) && nowMs % 5 < 2);
      made.observe(
        { accountId, network },
        { evidence: { worked, weight: 1 }, wasUnknown: false, startedAtMs: nowMs },
        nowMs,
      );
    }
  }
  return made;
}

function attemptOf({
  accounts = [account('first'), account('second')],
  short = [],
  scarce = {},
  open = [],
  due = [],
  poor,
  tried = [],
  onlyReady = false,
  windows = [],
  use = { type: 'priority' },
  random = () => 0,
}: Situation) {
  const named = (list: readonly string[], id: string): boolean => list.some((name) => id === `account of ${name}`);
  const known = poor === undefined ? new SmartRouter() : router(poor);
  const always = { id: 'w', gatewayAccountId: null, gateway: null, network: null, startsAtMs: 0, endsAtMs: Infinity };
  const rules = use === null ? [] : [{ name: 'payouts', when: { kind: ['payout'] }, use }];
  const made = planPayout(
    {
      adapters,
      accountsFor: () => accounts,
      breakers: {
        look: (candidates, values) =>
          known.look(candidates, values, 1_000).map((look) => {
            const { accountId } = look.segment;
            const state = named(open, accountId) ? 'open' : named(due, accountId) ? 'half_open' : 'closed';
            return { ...look, state, mayProbe: state === 'half_open' };
          }),
        propensitiesOf: (looks, values) => known.propensitiesOf(looks, values),
        // Sooner the later it stands in the list of open ones.
        opensUntil: ({ accountId }) => -open.findIndex((name) => accountId === `account of ${name}`),
        begin: ({ accountId }) => begun.push(accountId),
        random,
      },
      floats: {
        look: (id) => ({ fits: !named(short, id), scarcity: scarce[id.replace('account of ', '')] ?? 0 }),
        planned: (id) => planned.push(id),
      },
      policy: {
        current: () => ({
          version: 3,
          matcher: new RuleMatcher(ruleSet.parse({ rules, otherwise: { type: 'priority' } })),
          windows: windows.map((each) => ({ ...always, ...each })),
        }),
      },
    },
    payout,
    tried.map((name, index) => ({ gatewayAccountId: `account of ${name}`, sequence: index + 1 }) as Attempt),
    onlyReady,
    NOW,
  );
  if (made === undefined) return undefined;
  const { reason } = made;
  if (!isReason(reason)) throw new Error('a payout without a reason');
  return { attempt: made.attempt, reason };
}

function plan(situation: Situation): string | undefined {
  const made = attemptOf(situation);
  return made && `${made.attempt.gateway} ${made.reason.because}`;
}

describe('the account that a payout goes through', () => {
  it.each<[string, Situation, string | undefined]>([
    ['the preferred', {}, 'first matched'],
    ['the next, after one was tried', { tried: ['first'] }, 'second matched'],
    ['none, after all were tried', { tried: ['first', 'second'] }, undefined],
    ['the next, where the preferred is short of float', { short: ['first'] }, 'second matched'],
    ['the next, where the preferred one is shut out', { open: ['first'] }, 'second matched'],
    [
      'one that is shut out rather than one that is short',
      { short: ['first'], open: ['second'] },
      'second last_resort',
    ],
    ['the one that is let in soonest, where all are shut out', { open: ['first', 'second'] }, 'second last_resort'],
    ['the preferred, to wait there, where all are short', { short: ['first', 'second'] }, 'first waits_for_float'],
    [
      'none that is short or shut out, when only a ready one is wanted',
      { short: ['first'], open: ['second'], onlyReady: true },
      undefined,
    ],
    ['the next, where the preferred is closed for maintenance', { windows: [{ gateway: 'first' }] }, 'second matched'],
    [
      "none, where the wallet's network is closed everywhere",
      { windows: ['first', 'second'].map((gateway) => ({ gateway, network: 'GHS/mobile_money/mtn' })) },
      undefined,
    ],
    [
      'the preferred, where another network there is closed, or was until now',
      {
        windows: [
          { gateway: 'first', network: 'GHS/mobile_money/telecel' },
          { gateway: 'first', endsAtMs: NOW.getTime() },
        ],
      },
      'first matched',
    ],
    ['none of another kind of destination', { accounts: [account('banks')] }, undefined],
    ['none of another network', { accounts: [account('telecel')] }, undefined],
    ['none without the credentials for it', { accounts: [account('locked')] }, undefined],
    ['one with the credentials for it', { accounts: [account('locked', { payout_key: 'k' })] }, 'locked matched'],
    ['none that only collects', { accounts: [account('collects')] }, undefined],
  ])('is %s', (_, situation, expected) => {
    expect(plan(situation)).toBe(expected);
  });

  it('numbers its attempts, and takes its amount off what is left there', () => {
    planned.length = 0;
    expect(attemptOf({ tried: ['first'] })?.attempt).toMatchObject({
      kind: 'payout',
      sequence: 2,
      status: 'planned',
      createdAt: NOW,
    });
    expect(planned).toEqual(['account of second']);
  });
});

describe('where a payout goes by the rules', () => {
  const sharesOf = (situation: Situation): Record<string, number> =>
    Object.fromEntries(
      (attemptOf({ use: null, ...situation })?.reason.candidates ?? []).map(([id, share]) => [
        id.replace('account of ', ''),
        share,
      ]),
    );
  const withFee = (gateway: string, percent_bps: number): RoutingAccount => ({
    ...account(gateway),
    fees: [
      feeSchedule.parse({ kind: 'payout', currency: 'GHS', method: 'mobile_money', fee: { tiers: [{ percent_bps }] } }),
      feeSchedule.parse({ currency: 'GHS', fee: { tiers: [{ percent_bps: 9_000 }] } }),
    ],
  });

  it.each<[string, object, number, string | undefined]>([
    ['an order', { type: 'order', gateways: ['second'] }, 0, 'second matched'],
    ['an order without the others', { type: 'order', gateways: ['third'], others: false }, 0, undefined],
    ['weights, the first part', { type: 'weights', weights: { first: 1, second: 3 } }, 0.24, 'first matched'],
    ['weights, the rest', { type: 'weights', weights: { first: 1, second: 3 } }, 0.26, 'second matched'],
    ['worth, without one', { type: 'smart', never: ['first'] }, 0, 'second matched'],
  ])('%s', (_, use, drawn, expected) => {
    expect(plan({ use, random: () => drawn })).toBe(expected);
  });

  it('is by worth where no rule is about payouts, and is kept with how probable it was', () => {
    const { reason } = attemptOf({ use: null, poor: ['first'], random: () => 0.5 }) ?? {};
    expect(reason).toMatchObject({ version: 3, rule: null, strategy: 'smart', because: 'matched' });
    expect(reason?.candidates[0]?.[0]).toBe('account of second');
    expect(reason?.propensity).toBe(reason?.candidates[0]?.[1]);
    expect(reason?.candidates.reduce((sum, [, share]) => sum + share, 0)).toBeCloseTo(1, 5);
  });

  it('goes by how often payouts succeed there', () => {
    expect(sharesOf({})).toEqual({ first: 0.5, second: 0.5 });
    expect(sharesOf({ poor: ['first'] })['second']).toBeGreaterThan(0.95);
    expect(sharesOf({ poor: ['second'] })['second']).toBeLessThan(0.05);
  });

  it('goes by what a payout costs there, not by what a payment does', () => {
    const dear = sharesOf({ poor: [], accounts: [withFee('first', 200), withFee('second', 50)] });
    expect(dear['second']).toBeGreaterThan(0.9);
    expect(attemptOf({ use: null, accounts: [withFee('first', 200)] })?.reason.candidates[0]?.[7]).toBe(0.02);
    // Nobody wrote it down: it is taken for half a percent, between these two.
    expect(sharesOf({ poor: [], accounts: [withFee('first', 200), account('second')] })['second']).toBeGreaterThan(0.9);
    expect(sharesOf({ poor: [], accounts: [withFee('first', 0), account('second')] })['second']).toBeLessThan(0.4);
  });

  it('spares a float that is running out, and keeps what that counted', () => {
    expect(sharesOf({ poor: [], scarce: { first: 0.01 } })['first']).toBeLessThan(0.05);
    expect(attemptOf({ use: null, scarce: { first: 0.004 } })?.reason.scarcity).toEqual({ 'account of first': 0.004 });
    expect(attemptOf({ use: null })?.reason.scarcity).toBeUndefined();
    // An operator's order stands.
    expect(plan({ scarce: { first: 0.01 } })).toBe('first matched');
  });

  it('never takes a float that does not suffice, however good the rest is', () => {
    for (const use of [null, { type: 'weights', weights: { first: 1 } }, { type: 'order', gateways: ['first'] }]) {
      const made = attemptOf({ use, short: ['first'], poor: ['second'] });
      expect([made?.attempt.gateway, made?.reason.excluded.float]).toEqual(
        use !== null && 'weights' in use ? ['first', undefined] : ['second', ['account of first']],
      );
    }
  });

  it('sees whether one works again with one payout', () => {
    begun.length = 0;
    expect(plan({ due: ['first'] })).toBe('first probe');
    expect(begun).toEqual(['account of first']);
  });

  it('tells of nobody who is paid', () => {
    const text = JSON.stringify(attemptOf({ use: null, short: ['first'], windows: [{ gateway: 'locked' }] })?.reason);
    expect(text).not.toMatch(/Ama|233241234567|24123/);
  });
});

describe('the account that a refund goes through', () => {
  const to = (gateway: string, capturedAmount = 100n) =>
    planRefund(adapters, refund, { account: account(gateway), capturedAmount }, NOW);

  it('is the one that captured the money', () => {
    expect(to('second')).toMatchObject({
      kind: 'planned',
      planned: { attempt: { kind: 'refund', gateway: 'second', gatewayAccountId: 'account of second' } },
    });
  });

  it('may give back a part where the gateway does', () => {
    expect(to('first', 101n).kind).toBe('planned');
    expect(to('second', 101n)).toEqual({ kind: 'impossible', code: 'partial_refund_not_supported' });
  });

  it('is none where the gateway gives nothing back', () => {
    expect(to('collects')).toEqual({ kind: 'impossible', code: 'refund_not_supported' });
    expect(to('gone')).toEqual({ kind: 'impossible', code: 'refund_not_supported' });
  });
});
