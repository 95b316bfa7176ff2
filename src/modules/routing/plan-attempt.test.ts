import type { Attempt } from './attempt.js';
import { SmartRouter, type Candidate, type Look, type Values } from './choice/choose.js';
import type { BreakerState } from './choice/sequential-breaker.js';
import { seeded } from './choice/testing/seeded-random.js';
import { feeSchedule } from './fees/fee-model.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { planAttempt } from './plan-attempt.js';
import { isReason, type Reason } from './reason.js';
import type { RoutedPayment } from './routed-payment.js';
import type { Window } from './rules/maintenance.store.js';
import { RuleMatcher } from './rules/match-rules.js';
import { BY_PRIORITY, ruleSet } from './rules/rule-set.js';

const NOW = new Date('2026-01-01T12:00:00Z');

const payment: RoutedPayment = {
  kind: 'payment',
  id: '018f0000-0000-7000-8000-000000000002',
  merchantId: '018f0000-0000-7000-8000-000000000003',
  livemode: false,
  amountMinor: 10_000n,
  currency: 'GHS',
  method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
  customer: {},
  description: null,
  returnUrl: null,
  metadata: {},
  state: 'routing',
  causedBy: '018f0000-0000-7000-8000-000000000004',
  headers: { correlation_id: 'req_test' },
};

const account = (gateway: string, priority: number): RoutingAccount => ({
  id: `account of ${gateway}`,
  gateway,
  name: 'main',
  livemode: false,
  baseUrl: 'http://127.0.0.1:1',
  credentials: {},
  merchantId: null,
  priority,
  enabled: true,
  createdAt: NOW,
  fees: [],
  credentialsProblem: null,
});

function adapter(methods: GatewayAdapter['capabilities']['methodCurrencies']): GatewayAdapter {
  const capabilities = { methodCurrencies: methods, networks: { GHS: ['mtn'] } };
  return { capabilities, writtenReference: (reference: string) => reference } as unknown as GatewayAdapter;
}

const TAKES_IT = adapter({ mobile_money: ['GHS'] });
const adapters = new Map([
  ['first', TAKES_IT],
  ['second', TAKES_IT],
  ['third', TAKES_IT],
  ['cards', adapter({ card: ['GHS'] })],
]);
const accounts = [account('first', 1), account('second', 2), account('third', 3), account('cards', 4)];

interface Situation {
  readonly busy?: readonly string[];
  readonly open?: readonly string[];
  /** Half-open, and nobody is looking yet. */
  readonly due?: readonly string[];
  readonly onlyHealthy?: boolean;
  readonly networkIsDown?: boolean;
  /** Attempts that were made already. */
  readonly tried?: readonly string[];
  /** As what they ended. */
  readonly endedAs?: Attempt['status'];
  /** A strategy for all payments; the default is none. */
  readonly use?: object;
  readonly windows?: readonly Window[];
  readonly accounts?: readonly RoutingAccount[];
  readonly random?: () => number;
}

const begun: string[] = [];

function plan(situation: Situation) {
  const { busy = [], open = [], due = [], onlyHealthy = false, networkIsDown = false, tried = [] } = situation;
  const isOneOf = (gateways: readonly string[], id: string): boolean => gateways.some((each) => id.endsWith(each));
  const stateOf = (id: string): BreakerState =>
    isOneOf(open, id) ? 'open' : isOneOf(due, id) ? 'half_open' : 'closed';
  const router = new SmartRouter();
  const dependencies = {
    adapters,
    accountsFor: () => situation.accounts ?? accounts,
    sendsSoon: (id: string) => !isOneOf(busy, id),
    policy: {
      current: () => ({
        version: situation.use === undefined ? 0 : 7,
        matcher: new RuleMatcher(
          situation.use === undefined
            ? BY_PRIORITY
            : ruleSet.parse({ rules: [{ name: 'all', when: {}, use: situation.use }], otherwise: { type: 'smart' } }),
        ),
        windows: situation.windows ?? [],
      }),
    },
    breakers: {
      look: (candidates: readonly Candidate[], values: Values): Look[] =>
        router.look(candidates, values, 0).map((look) => {
          const state = stateOf(look.segment.accountId);
          return { ...look, state, mayProbe: state === 'half_open' };
        }),
      propensitiesOf: (looks: readonly Look[], values: Values) => router.propensitiesOf(looks, values),
      opensUntil: ({ accountId }: { accountId: string }) => (accountId.endsWith('second') ? 0 : 1),
      isNetworkDown: () => networkIsDown,
      begin: ({ accountId }: { accountId: string }) => {
        begun.push(accountId);
      },
      random: situation.random ?? (() => 0),
    },
  };
  const attempts = tried.map(
    (gateway, index) =>
      ({
        gatewayAccountId: `account of ${gateway}`,
        sequence: index + 1,
        status: situation.endedAs ?? 'declined',
      }) as Attempt,
  );
  return planAttempt(dependencies, payment, attempts, onlyHealthy, NOW);
}

const reasonOf = (planned: ReturnType<typeof plan>): Reason => {
  if (!isReason(planned?.reason)) throw new Error('no reason');
  return planned.reason;
};
/** How often each is chosen, in percent. */
function shares(situation: Situation): Record<string, number> {
  const random = seeded(3);
  const rounds = 2_000;
  const counts: Record<string, number> = {};
  for (let round = 0; round < rounds; round += 1) {
    const gateway = plan({ ...situation, random })?.attempt.gateway ?? 'none';
    counts[gateway] = (counts[gateway] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, Math.round((count / rounds) * 100)]));
}

describe('the choice of a gateway without rules', () => {
  it('takes the preferred one that can take the payment, and says why', () => {
    const planned = plan({});
    expect(planned).toMatchObject({ attempt: { gateway: 'first', sequence: 1, status: 'planned' } });
    const reason = reasonOf(planned);
    expect(reason).toMatchObject({
      version: 0,
      rule: null,
      strategy: 'priority',
      because: 'matched',
      propensity: 1,
      excluded: {},
    });
    expect(reason.candidates.map(([id, propensity, state]) => [id, propensity, state])).toEqual([
      ['account of first', 1, 'c'],
      ['account of second', 0, 'c'],
      ['account of third', 0, 'c'],
    ]);
  });

  it('goes on to the next, unless the network fails wherever it is reached', () => {
    const next = plan({ tried: ['first'] });
    expect(next).toMatchObject({ attempt: { gateway: 'second', sequence: 2 } });
    expect(reasonOf(next).excluded).toEqual({ tried: ['account of first'] });
    expect(plan({ tried: ['first'], networkIsDown: true })).toBeUndefined();
    expect(plan({ networkIsDown: true })).toMatchObject({ attempt: { gateway: 'first' } });
  });

  it('goes on all the same while nobody was asked: the gateways before could not be reached', () => {
    const unreached = { endedAs: 'not_sent', networkIsDown: true } as const;
    expect(plan({ ...unreached, tried: ['first'] })).toMatchObject({ attempt: { gateway: 'second', sequence: 2 } });
    expect(plan({ ...unreached, tried: ['first', 'second', 'third'] })).toBeUndefined();
  });

  it('passes over those whose breaker is open', () => {
    const planned = plan({ open: ['first'] });
    expect(planned).toMatchObject({ attempt: { gateway: 'second' } });
    expect(reasonOf(planned).candidates).toContainEqual(expect.arrayContaining(['account of first', 0, 'o']));
  });

  it('probes the preferred one when that is due', () => {
    begun.length = 0;
    expect(reasonOf(plan({ due: ['first'] }))).toMatchObject({ because: 'probe', propensity: 1 });
    expect(begun).toEqual(['account of first']);
  });

  it('passes over those at which it would stand in a line, and says so', () => {
    const planned = plan({ busy: ['first'], open: ['second'] });
    expect(planned).toMatchObject({ attempt: { gateway: 'third' } });
    expect(reasonOf(planned).excluded).toEqual({ busy: ['account of first'] });
  });

  it('lets it stand in the line of the preferred one when there is a line everywhere', () => {
    expect(plan({ busy: ['first', 'second', 'third'] })).toMatchObject({ attempt: { gateway: 'first' } });
    expect(plan({ busy: ['first', 'second'], open: ['third'] })).toMatchObject({ attempt: { gateway: 'first' } });
  });

  it('tries the one that is due soonest when all are open, but not instead of another attempt', () => {
    const open = ['first', 'second', 'third'];
    const planned = plan({ open });
    expect(planned).toMatchObject({ attempt: { gateway: 'second' } });
    expect(reasonOf(planned)).toMatchObject({ because: 'last_resort', propensity: 1 });
    expect(plan({ open, onlyHealthy: true })).toBeUndefined();
  });

  it('sends nothing into a maintenance window, also when there is nowhere else', () => {
    const window = (over: Partial<Window>): Window => ({
      id: 'w',
      gatewayAccountId: null,
      gateway: null,
      network: null,
      startsAtMs: NOW.getTime() - 1,
      endsAtMs: NOW.getTime() + 1,
      ...over,
    });
    const planned = plan({ windows: [window({ gateway: 'first' })] });
    expect(planned).toMatchObject({ attempt: { gateway: 'second' } });
    expect(reasonOf(planned).excluded).toEqual({ maintenance: ['account of first'] });
    const gatewayOf = (over: Partial<Window>) => plan({ windows: [window(over)] })?.attempt.gateway;
    expect(gatewayOf({ gatewayAccountId: 'account of first' })).toBe('second');
    expect(gatewayOf({ gateway: 'first', network: 'GHS/mobile_money/mtn' })).toBe('second');
    expect(gatewayOf({ gateway: 'first', network: 'GHS/mobile_money/telecel' })).toBe('first');
    expect(gatewayOf({ gateway: 'first', endsAtMs: NOW.getTime() })).toBe('first');
    expect(gatewayOf({ gateway: 'first', startsAtMs: NOW.getTime() + 1 })).toBe('first');
    const all = ['first', 'second', 'third'].map((gateway) => window({ gateway }));
    expect(plan({ windows: all })).toBeUndefined();
  });
});

describe('a strategy', () => {
  it('of an order takes those it names first, then the others, or nobody else', () => {
    const use = { type: 'order', gateways: ['third', 'second/main'] };
    const way = (situation: Situation) => plan({ use, ...situation })?.attempt.gateway;
    expect(way({})).toBe('third');
    expect(way({ open: ['third'] })).toBe('second');
    expect(way({ tried: ['third', 'second'] })).toBe('first');
    const strict = { ...use, others: false };
    expect(plan({ use: strict, tried: ['third', 'second'] })).toBeUndefined();
    expect(reasonOf(plan({ use: strict })).excluded).toEqual({ rule: ['account of first'] });
    expect(reasonOf(plan({ use }))).toMatchObject({ version: 7, rule: 'all', strategy: 'order' });
  });

  it('of weights shares by them among those that work', () => {
    const use = { type: 'weights', weights: { first: 3, 'second/main': 1 } };
    expect(shares({ use })).toEqual({ first: expect.closeTo(75, -1), second: expect.closeTo(25, -1) });
    expect(shares({ use, open: ['first'] })).toEqual({ second: 100 });
    expect(reasonOf(plan({ use }))).toMatchObject({ propensity: 0.75, excluded: { rule: ['account of third'] } });
    expect(plan({ use, tried: ['first', 'second'] })).toBeUndefined();
  });

  it('of weights gives accounts of one gateway its weight together', () => {
    const twins = ['a', 'b'].map((name) => ({ ...account('first', 1), id: `${name} first`, name }));
    const use = { type: 'weights', weights: { first: 1, second: 1 } };
    const planned = plan({ use, accounts: [...twins, account('second', 2)] });
    expect(reasonOf(planned).candidates.map(([id, propensity]) => [id, propensity])).toEqual([
      ['a first', 0.25],
      ['b first', 0.25],
      ['account of second', 0.5],
    ]);
  });

  it('of worth takes the cheaper of equals, and looks at the others', () => {
    const dear = { currency: 'GHS', fee: { tiers: [{ percent_bps: 900 }] } };
    const cheap = { currency: 'GHS', fee: { tiers: [{ percent_bps: 50 }] } };
    const priced = [
      { ...account('first', 1), fees: [feeSchedule.parse(dear)] },
      { ...account('second', 2), fees: [feeSchedule.parse(cheap)] },
    ];
    const use = { type: 'smart', values: { exploration: 0.05 } };
    const { first = 0, second = 0 } = shares({ use, accounts: priced });
    expect(second).toBeGreaterThan(90);
    expect(first).toBeGreaterThan(2);
    const { candidates } = reasonOf(plan({ use, accounts: priced }));
    expect(candidates.find(([id]) => id.endsWith('second'))?.[7]).toBe(0.005);
    expect(candidates.reduce((sum, [, propensity]) => sum + propensity, 0)).toBeCloseTo(1, 3);
  });

  it('of worth keeps to those it may, and never takes those it may not', () => {
    expect(Object.keys(shares({ use: { type: 'smart', only: ['second', 'third'], never: ['third'] } }))).toEqual([
      'second',
    ]);
    expect(plan({ use: { type: 'smart', only: ['cards'] } })).toBeUndefined();
  });
});
