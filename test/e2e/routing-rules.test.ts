/** Operators say where payments go, see beforehand what would happen, and afterwards why it did. */
import { eventually } from '../support/eventually.js';
import { heal } from './support/gateways.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney, pay, read } from './support/payments.js';
import { approved, twoPeople } from './support/two-people.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const RULES = '/admin/v1/routing/rule_sets';
const WINDOWS = '/admin/v1/routing/maintenance_windows';

/** The demo merchant. */
const MERCHANT = 'mer_00000000007008000000000001';

interface RuleSet {
  readonly version: number;
  readonly active: boolean;
  readonly content: unknown;
  readonly activations: readonly unknown[];
  readonly warnings: readonly { readonly pointer: string; readonly code: string }[];
}
interface Problem {
  readonly code: string;
  readonly errors: readonly { readonly pointer: string }[];
}
interface Candidate {
  readonly gateway: string;
  readonly name: string;
  readonly propensity: number;
  readonly why?: string;
}
interface Reason {
  readonly rule_set_version: number | null;
  readonly rule: string | null;
  readonly strategy: string;
  readonly propensity: number;
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly Candidate[];
}
interface Routed {
  readonly metadata: unknown;
  readonly attempts: readonly { readonly gateway: string; readonly status: string; readonly reason: Reason }[];
}

describeInEachMode('Rules of routing', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ ...mode });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);
  afterEach(() => heal(system), TEST_TIMEOUT_MS);

  const create = async (content: unknown): Promise<RuleSet> => {
    const answer = await system.admin.post<RuleSet>(RULES, { content, note: 'a test' });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const activate = async (content: unknown): Promise<number> => {
    const { version } = await create(content);
    const { state } = await approved(system, (maker) => maker.post(`${RULES}/${version}/activate`, {}));
    expect(state).toBe('done');
    // The process that routes has it at once where it carried it out itself, and others within seconds.
    await eventually(async () => {
      const tried = await system.admin.post('/admin/v1/routing/simulate', { payment: payment() });
      expect(tried.body).toMatchObject({ rule_set: { version } });
    });
    return version;
  };
  const routed = async (id: string): Promise<Routed> =>
    (await system.admin.get<Routed>(`/admin/v1/routing/payments/${id}`)).body;
  const demo = { livemode: false, merchant_id: MERCHANT };
  const payment = (changes: object = {}): object => {
    const { amount, currency, method } = mobileMoney();
    return { ...demo, amount, currency, method, ...changes };
  };

  it(
    'send a payment where they say, and its attempt says why',
    async () => {
      const version = await activate({
        rules: [
          {
            name: 'gold customers',
            when: { country: ['GH'], metadata: { tier: ['gold'] } },
            use: { type: 'order', gateways: ['mtn_momo'] },
          },
        ],
        otherwise: { type: 'priority' },
      });
      const metadata = { tier: 'gold' };
      const gold = await pay(system, mobileMoney({ metadata }));
      const plain = await pay(system);
      expect([(await read(system, gold.id)).gateway, (await read(system, plain.id)).gateway]).toEqual([
        'mtn_momo',
        'paystack',
      ]);
      const { attempts, ...rest } = await routed(gold.id);
      expect(rest.metadata).toEqual(metadata);
      expect(attempts).toMatchObject([
        {
          gateway: 'mtn_momo',
          status: 'succeeded',
          reason: { rule_set_version: version, rule: 'gold customers', strategy: 'order', propensity: 1 },
        },
      ]);
      expect(attempts[0]?.reason.candidates[0]).toMatchObject({ gateway: 'mtn_momo', propensity: 1 });
      // What merchants see of their attempts has not changed.
      expect(Object.keys((await read(system, gold.id)).attempts[0] ?? {})).not.toContain('reason');
    },
    TEST_TIMEOUT_MS,
  );

  it('are refused whole when anything in them is not understood, and stay as they were', async () => {
    const before = (await system.admin.get<{ data: RuleSet[] }>(`${RULES}?limit=1`)).body.data;
    const refused = async (content: unknown): Promise<Problem> =>
      (await system.admin.post<Problem>(RULES, { content, note: 'a mistake' })).body;
    expect(
      await refused({
        rules: [{ name: 'a', when: { curency: ['GHS'] }, use: { type: 'smart' } }],
        otherwise: { type: 'smart' },
      }),
    ).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '/content/rules/0/when/curency' }] });
    expect(await refused({ rules: [], otherwise: { type: 'order', gateways: ['paystak'] } })).toMatchObject({
      errors: [{ pointer: '/content/otherwise/gateways/0' }],
    });
    const { version, warnings } = await create({ rules: [], otherwise: { type: 'order', gateways: ['hubtel/tema'] } });
    expect(warnings).toMatchObject([{ pointer: '/content/otherwise/gateways/0', code: 'no_such_account' }]);
    const { maker } = await twoPeople(system);
    expect((await maker.post(`${RULES}/${version}/activate`, {})).body).toMatchObject({ code: 'rule_set.not_usable' });
    expect((await maker.post(`${RULES}/${version}/activate`, { replaces: 999 })).status).toBe(422);
    expect((await system.admin.post(`${RULES}/${version}/activate`, {})).body).toMatchObject({
      code: 'auth.people_only',
    });
    expect((await system.admin.get(`${RULES}/999`)).body).toMatchObject({ code: 'rule_set.not_found' });
    const after = (await system.admin.get<{ data: RuleSet[] }>(RULES)).body.data;
    expect(after.find(({ active }) => active)?.version).toBe(before[0]?.version);
    expect((await system.admin.get<RuleSet>(`${RULES}/${before[0]?.version ?? 0}`)).body).toMatchObject({
      active: true,
      activations: [{ replaced_version: null }],
    });
    expect((await system.merchant.get(RULES)).status).toBe(403);
  });

  it(
    'can be tried on a payment that does not exist, which changes nothing',
    async () => {
      const count = async (): Promise<unknown> =>
        system
          .databaseOf('routing')
          .query('SELECT (SELECT count(*) FROM routing.attempt) AS a, (SELECT count(*) FROM routing.payment) AS p');
      const before = await count();
      const content = {
        rules: [
          { name: 'large', when: { currency: ['GHS'], amount_from: 1_000_000 }, use: { type: 'smart' } },
          { name: 'cards', when: { method: ['card'] }, use: { type: 'smart' } },
          { name: 'split', when: {}, use: { type: 'weights', weights: { paystack: 3, flutterwave: 1 } } },
        ],
        otherwise: { type: 'smart' },
      };
      const { status, body } = await system.admin.post<
        Record<string, unknown> & { candidates: Candidate[]; excluded: Candidate[] }
      >('/admin/v1/routing/simulate', { payment: payment(), content });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        rule_set: { version: null, active: false },
        country: 'GH',
        network: 'GHS/mobile_money/mtn',
        rules_passed: [
          { rule: 'large', unmet: ['amount_from'] },
          { rule: 'cards', unmet: ['method'] },
        ],
        rule: 'split',
        strategy: { type: 'weights' },
      });
      expect(body.candidates.map(({ gateway, propensity }) => [gateway, propensity])).toEqual([
        ['paystack', 0.75],
        ['flutterwave', 0.25],
      ]);
      expect(body.excluded).toContainEqual(expect.objectContaining({ gateway: 'mtn_momo', why: 'rule' }));
      expect(await count()).toEqual(before);
      const wrong = await system.admin.post<Problem>('/admin/v1/routing/simulate', {
        payment: payment({ method: { type: 'mobile_money', network: 'mtn' } }),
      });
      expect(wrong.body).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '/payment/method/phone' }] });
      const active = await system.admin.post('/admin/v1/routing/simulate', {
        payment: payment({ metadata: { tier: 'gold' } }),
      });
      expect(active.body).toMatchObject({ rule: 'gold customers', rule_set: { active: true } });
    },
    TEST_TIMEOUT_MS,
  );

  it('are described where the API is', async () => {
    const answer = await fetch(`${system.programOf('routing').url}/openapi.json`);
    const { paths } = (await answer.json()) as { paths: Record<string, Record<string, { summary: string }>> };
    expect(paths['/admin/v1/routing/simulate']?.['post']?.summary).toMatch(/^What would be done with a payment/);
  });

  it(
    'close a gateway for maintenance, and open it again',
    async () => {
      const window = {
        gateway: 'paystack',
        from: new Date(Date.now() - 60_000).toISOString(),
        to: new Date(Date.now() + 3_600_000).toISOString(),
        reason: 'announced',
      };
      const { body: made } = await system.admin.post<{ id: string }>(WINDOWS, window);
      const closed = await pay(system);
      expect(await read(system, closed.id)).toMatchObject({ status: 'succeeded', gateway: 'flutterwave' });
      const [attempt] = (await routed(closed.id)).attempts;
      expect(attempt?.reason.excluded).toContainEqual(
        expect.objectContaining({ gateway: 'paystack', why: 'maintenance' }),
      );
      const longer = new Date(Date.now() + 7_200_000).toISOString();
      expect((await system.admin.post(`${WINDOWS}/${made.id}`, { to: longer })).body).toMatchObject({ to: longer });
      expect((await system.admin.delete(`${WINDOWS}/${made.id}`)).status).toBe(200);
      expect((await system.admin.post(`${WINDOWS}/${made.id}`, { to: longer })).body).toMatchObject({
        code: 'maintenance_window.canceled',
      });
      expect((await system.admin.get<{ data: unknown[] }>(`${WINDOWS}?current=true`)).body.data).toEqual([]);
      expect((await system.admin.get<{ data: unknown[] }>(WINDOWS)).body.data).toHaveLength(1);
      const open = await pay(system);
      expect((await read(system, open.id)).gateway).toBe('paystack');
      const wrong = await system.admin.post(WINDOWS, { ...window, to: window.from });
      expect(wrong.body).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '/to' }] });
      expect((await system.admin.post(WINDOWS, { ...window, gateway: 'paypal' })).status).toBe(422);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'know what gateways keep, how they do, and what would have been under others',
    async () => {
      const accounts = (
        await system.admin.get<{ data: { id: string; gateway: string }[] }>('/admin/v1/routing/gateways')
      ).body.data;
      const paystack = accounts.find(({ gateway }) => gateway === 'paystack');
      const fees = [{ currency: 'GHS', fee: { tiers: [{ percent_bps: 195 }] } }];
      const path = `/admin/v1/routing/gateways/${paystack?.id ?? ''}/fees`;
      expect((await system.admin.put<{ fees: unknown }>(path, { fees })).body).toMatchObject({
        fees: [{ currency: 'GHS', fee: { tiers: [{ percent_bps: 195 }] } }],
      });
      expect((await system.admin.put(path, { fees: [{ currency: 'GHS', fee: { tiers: [] } }] })).body).toMatchObject({
        errors: [{ pointer: '/fees/0/fee/tiers' }],
      });
      await activate({ rules: [], otherwise: { type: 'weights', weights: { paystack: 1, flutterwave: 1 } } });
      await eventually(async () => {
        const { id } = await pay(system);
        const { reason } = (await routed(id)).attempts[0] ?? {};
        expect(reason?.candidates.find(({ gateway }) => gateway === 'paystack')).toMatchObject({ fee_share: 0.0195 });
      });
      await Promise.all(Array.from({ length: 10 }, () => pay(system)));
      const { body: health } = await system.admin.get<{ segments: { gateway: string; network: string }[] }>(
        '/admin/v1/routing/health',
      );
      expect(health.segments).toContainEqual(
        expect.objectContaining({ gateway: 'paystack', network: 'GHS/mobile_money/mtn', breaker: 'closed' }),
      );
      const asked = {
        days: 1,
        livemode: false,
        content: { rules: [], otherwise: { type: 'order', gateways: ['paystack'] } },
      };
      const { status, body } = await system.admin.post('/admin/v1/routing/backtest', asked);
      expect(status).toBe(200);
      expect(body).toMatchObject({ object: 'routing_backtest', reliable: false, rule_set: { version: null } });
      expect(body['attempts']).toMatchObject({ unreadable: 0 });
      expect((await system.admin.post('/admin/v1/routing/backtest', { ...asked, days: 0 })).status).toBe(422);
      expect((await system.admin.post('/admin/v1/routing/backtest', { ...asked, version: 1 })).body).toMatchObject({
        code: 'request.invalid',
      });
    },
    TEST_TIMEOUT_MS,
  );
});
