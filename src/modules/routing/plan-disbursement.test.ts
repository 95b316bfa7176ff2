import type { Attempt } from './attempt.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { planPayout, planRefund } from './plan-disbursement.js';
import type { Window } from './rules/maintenance.store.js';
import { RuleMatcher } from './rules/match-rules.js';
import type { Policy } from './rules/policy.js';
import { BY_PRIORITY } from './rules/rule-set.js';
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

/** Windows that are open now, of everything they do not narrow down. */
function policyWith(windows: readonly Partial<Window>[]): { current(): Policy } {
  const open = { id: 'w', gatewayAccountId: null, gateway: null, network: null, startsAtMs: 0, endsAtMs: Infinity };
  const matcher = new RuleMatcher(BY_PRIORITY);
  return { current: () => ({ version: 0, matcher, windows: windows.map((each) => ({ ...open, ...each })) }) };
}

interface Situation {
  readonly accounts?: readonly RoutingAccount[];
  readonly short?: readonly string[];
  readonly open?: readonly string[];
  readonly tried?: readonly string[];
  readonly onlyReady?: boolean;
  readonly windows?: readonly Partial<Window>[];
}

function plan({
  accounts = [account('first'), account('second')],
  short = [],
  open = [],
  tried = [],
  onlyReady = false,
  windows = [],
}: Situation) {
  const names = (list: readonly string[], id: string): boolean => list.some((name) => id === `account of ${name}`);
  const planned = planPayout(
    {
      adapters,
      accountsFor: () => accounts,
      breakers: {
        admit: ({ accountId }) => !names(open, accountId),
        // Sooner the later it stands in the list of open ones.
        opensUntil: ({ accountId }) => -open.findIndex((name) => accountId === `account of ${name}`),
      },
      floats: { wouldFit: (id) => !names(short, id), planned: () => undefined },
      policy: policyWith(windows),
    },
    payout,
    tried.map((name, index) => ({ gatewayAccountId: `account of ${name}`, sequence: index + 1 }) as Attempt),
    onlyReady,
    NOW,
  );
  return planned && `${planned.attempt.gateway} ${String(planned.reason['rule'])}`;
}

describe('the account that a payout goes through', () => {
  it.each<[string, Situation, string | undefined]>([
    ['the preferred', {}, 'first priority'],
    ['the next, after one was tried', { tried: ['first'] }, 'second priority'],
    ['none, after all were tried', { tried: ['first', 'second'] }, undefined],
    ['the next, where the preferred is short of float', { short: ['first'] }, 'second priority'],
    ['the next, where the preferred one is shut out', { open: ['first'] }, 'second priority'],
    ['one that is shut out rather than one that is short', { short: ['first'], open: ['second'] }, 'second all_open'],
    ['the one that is let in soonest, where all are shut out', { open: ['first', 'second'] }, 'second all_open'],
    ['the preferred, to wait there, where all are short', { short: ['first', 'second'] }, 'first all_short_of_float'],
    [
      'none that is short or shut out, when only a ready one is wanted',
      { short: ['first'], open: ['second'], onlyReady: true },
      undefined,
    ],
    ['the next, where the preferred is closed for maintenance', { windows: [{ gateway: 'first' }] }, 'second priority'],
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
      'first priority',
    ],
    ['none of another kind of destination', { accounts: [account('banks')] }, undefined],
    ['none of another network', { accounts: [account('telecel')] }, undefined],
    ['none without the credentials for it', { accounts: [account('locked')] }, undefined],
    ['one with the credentials for it', { accounts: [account('locked', { payout_key: 'k' })] }, 'locked priority'],
    ['none that only collects', { accounts: [account('collects')] }, undefined],
  ])('is %s', (_, situation, expected) => {
    expect(plan(situation)).toBe(expected);
  });

  it('numbers its attempts', () => {
    const planned = planPayout(
      {
        adapters,
        accountsFor: () => [account('second')],
        breakers: { admit: () => true, opensUntil: () => 0 },
        floats: { wouldFit: () => true, planned: () => undefined },
        policy: policyWith([]),
      },
      payout,
      [{ gatewayAccountId: 'account of first', sequence: 1 } as Attempt],
      false,
      NOW,
    );
    expect(planned?.attempt).toMatchObject({ kind: 'payout', sequence: 2, status: 'planned', createdAt: NOW });
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
