import type { Attempt } from './attempt.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { planAttempt } from './plan-attempt.js';
import type { RoutedPayment } from './routed-payment.js';

const NOW = new Date('2026-01-01T12:00:00Z');

const payment: RoutedPayment = {
  kind: 'payment',
  id: '018f0000-0000-7000-8000-000000000002',
  merchantId: '018f0000-0000-7000-8000-000000000003',
  livemode: false,
  amountMinor: 100n,
  currency: 'GHS',
  method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
  customer: {},
  description: null,
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
  readonly onlyHealthy?: boolean;
  readonly networkIsDown?: boolean;
  /** Attempts that were made already. */
  readonly tried?: readonly string[];
}

function plan({ busy = [], open = [], onlyHealthy = false, networkIsDown = false, tried = [] }: Situation) {
  const isOpen = ({ accountId }: { accountId: string }): boolean => open.some((gateway) => accountId.endsWith(gateway));
  const dependencies = {
    adapters,
    accountsFor: () => accounts,
    sendsSoon: (id: string) => !busy.some((gateway) => id.endsWith(gateway)),
    breakers: {
      admit: (segment: { accountId: string }) => !isOpen(segment),
      opensUntil: () => 0,
      isNetworkDown: () => networkIsDown,
    },
  };
  const attempts = tried.map(
    (gateway, index) => ({ gatewayAccountId: `account of ${gateway}`, sequence: index + 1 }) as Attempt,
  );
  return planAttempt(dependencies, payment, attempts, onlyHealthy, NOW);
}

describe('the choice of a gateway', () => {
  it('takes the preferred one that can take the payment', () => {
    expect(plan({})).toMatchObject({
      attempt: { gateway: 'first', sequence: 1, status: 'planned' },
      reason: { rule: 'priority', priority: 1, candidates: 3, passed_over_open: [], passed_over_busy: [] },
    });
  });

  it('goes on to the next, unless the network fails wherever it is reached', () => {
    expect(plan({ tried: ['first'] })).toMatchObject({ attempt: { gateway: 'second', sequence: 2 } });
    expect(plan({ tried: ['first'], networkIsDown: true })).toBeUndefined();
    expect(plan({ networkIsDown: true })).toMatchObject({ attempt: { gateway: 'first' } });
  });

  it('passes over those whose breaker is open', () => {
    expect(plan({ open: ['first'] })).toMatchObject({
      attempt: { gateway: 'second' },
      reason: { passed_over_open: ['account of first'] },
    });
  });

  it('passes over those at which it would stand in a line, and says so', () => {
    expect(plan({ busy: ['first'], open: ['second'] })).toMatchObject({
      attempt: { gateway: 'third' },
      reason: { passed_over_open: ['account of second'], passed_over_busy: ['account of first'] },
    });
  });

  it('lets it stand in the line of the preferred one when there is a line everywhere', () => {
    expect(plan({ busy: ['first', 'second', 'third'] })).toMatchObject({
      attempt: { gateway: 'first' },
      reason: { passed_over_busy: [] },
    });
    expect(plan({ busy: ['first', 'second'], open: ['third'] })).toMatchObject({ attempt: { gateway: 'first' } });
  });

  it('tries one that is open when all are, but not instead of another attempt', () => {
    const open = ['first', 'second', 'third'];
    expect(plan({ open })).toMatchObject({ reason: { rule: 'all_open' } });
    expect(plan({ open, onlyHealthy: true })).toBeUndefined();
  });
});
