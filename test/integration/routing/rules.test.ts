import { newUuid } from '../../../src/kernel/ids/ids.js';
import { DomainError } from '../../../src/kernel/errors/domain-error.js';
import { upsertGatewayAccount } from '../../../src/modules/routing/gateway-accounts.js';
import { isReason, type Reason } from '../../../src/modules/routing/reason.js';
import { cancelWindow, insertWindow } from '../../../src/modules/routing/rules/maintenance.store.js';
import { eventually } from '../../support/eventually.js';
import { testVault } from '../../support/vault.js';
import { activateRules, createHarness, UNHURRIED, type Harness } from './harness.js';
import { declined, ScriptedGateway } from './scripted-gateway.js';

const ADMIN = newUuid();
const SECOND_FIRST = { rules: [], otherwise: { type: 'order', gateways: ['second'] } };

let harness: Harness;
let first: ScriptedGateway;
let second: ScriptedGateway;
beforeEach(async () => {
  first = new ScriptedGateway('first');
  second = new ScriptedGateway('second');
  harness = await createHarness([first, second], { schedule: UNHURRIED });
});
afterEach(() => harness.close());

const create = async (content: unknown): Promise<number> =>
  (await harness.routing.ruleSets.create(content, 'a test', ADMIN)).version;
const activate = async (content: unknown): Promise<number> => {
  const version = await create(content);
  await activateRules(harness.routing, harness.pool, version);
  return version;
};

/** The code of the problem, and where it points. */
async function refusal(work: Promise<unknown>): Promise<{ code: string; pointers: string[] }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DomainError)) throw new Error('it was not refused');
  return { code: error.code, pointers: error.errors.map(({ pointer }) => pointer) };
}

async function pay(metadata: Record<string, string> = {}): Promise<{ gateways: string[]; reasons: Reason[] }> {
  const payment = newUuid();
  await harness.handle([harness.created({ payment_id: payment, metadata })]);
  await eventually(async () => expect(await harness.state(payment)).not.toBe('routing'));
  const attempts = await harness.attempts(payment);
  return {
    gateways: attempts.map(({ gateway }) => gateway),
    reasons: attempts.map(({ reason }) => {
      if (!isReason(reason)) throw new Error('an attempt without a reason');
      return reason;
    }),
  };
}

const accountOf = async (gateway: string): Promise<string> =>
  (await harness.routing.accounts.all()).find((account) => account.gateway === gateway)?.id ?? '';

describe('rules', () => {
  it('send payments where they say, and each attempt keeps why', async () => {
    expect(await pay()).toMatchObject({
      gateways: ['first'],
      reasons: [{ version: 0, rule: null, strategy: 'priority', propensity: 1 }],
    });
    const version = await activate({
      rules: [
        { name: 'gold', when: { metadata: { tier: ['gold'] } }, use: { type: 'order', gateways: ['second'] } },
        { name: 'ghana', when: { country: ['GH'], amount_below: 1, currency: ['GHS'] }, use: { type: 'priority' } },
      ],
      otherwise: { type: 'smart', only: ['first'] },
    });
    const gold = await pay({ tier: 'gold' });
    expect(gold).toMatchObject({
      gateways: ['second'],
      reasons: [{ version, rule: 'gold', strategy: 'order', because: 'matched', propensity: 1, excluded: {} }],
    });
    expect(gold.reasons[0]?.candidates.map(([id, propensity]) => [id, propensity])).toEqual([
      [await accountOf('second'), 1],
      [await accountOf('first'), 0],
    ]);
    expect(await pay({ tier: 'silver' })).toMatchObject({
      gateways: ['first'],
      reasons: [{ version, rule: null, strategy: 'smart', excluded: { rule: [await accountOf('second')] } }],
    });
  });

  it('also decide where a payment goes next', async () => {
    await activate({ rules: [], otherwise: { type: 'order', gateways: ['second', 'first'] } });
    second.onCharge = () => declined(true);
    const { gateways, reasons } = await pay();
    expect(gateways).toEqual(['second', 'first']);
    expect(reasons[1]).toMatchObject({ excluded: { tried: [await accountOf('second')] } });
    await activate({ rules: [], otherwise: { type: 'order', gateways: ['second'], others: false } });
    expect((await pay()).gateways).toEqual(['second']);
  });

  it('are felt by other processes within seconds', async () => {
    const other = harness.another();
    await other.policy.refresh();
    await activate(SECOND_FIRST);
    await eventually(async () => {
      await other.policy.refresh();
      expect(other.policy.current().version).toBe(1);
    });
  });

  it('can be put back as they were', async () => {
    await activate(SECOND_FIRST);
    await activate({ rules: [], otherwise: { type: 'priority' } });
    expect((await pay()).gateways).toEqual(['first']);
    await activateRules(harness.routing, harness.pool, 1, 2);
    expect((await pay()).gateways).toEqual(['second']);
    const history = await harness.database.query(
      'SELECT version, replaced_version FROM routing.rule_set_activation ORDER BY id',
    );
    expect(history).toEqual([
      { version: 1, replaced_version: null },
      { version: 2, replaced_version: 1 },
      { version: 1, replaced_version: 2 },
    ]);
  });

  it('that are not understood change nothing, and are told where', async () => {
    await activate(SECOND_FIRST);
    const rule = (use: object, when: object = {}) => ({
      rules: [{ name: 'a', when, use }],
      otherwise: { type: 'priority' },
    });
    const refused = (content: unknown) => refusal(create(content));
    expect(await refused(rule({ type: 'priority' }, { curency: ['GHS'] }))).toEqual({
      code: 'request.invalid',
      pointers: ['/content/rules/0/when/curency'],
    });
    expect(await refused(rule({ type: 'cheapest' }))).toMatchObject({ pointers: ['/content/rules/0/use/type'] });
    expect(await refused(rule({ type: 'order', gateways: ['first', 'frist'] }))).toMatchObject({
      pointers: ['/content/rules/0/use/gateways/1'],
    });
    const { version, warnings } = await harness.routing.ruleSets.create(
      rule({ type: 'weights', weights: { 'first/lagos': 1 } }),
      'an account that is still to be made',
      ADMIN,
    );
    expect(warnings).toMatchObject([{ pointer: '/content/rules/0/use/weights/first~1lagos', code: 'no_such_account' }]);
    expect(await refusal(activateRules(harness.routing, harness.pool, version))).toEqual({
      code: 'rule_set.not_usable',
      pointers: ['/content/rules/0/use/weights/first~1lagos'],
    });
    expect(await refusal(activateRules(harness.routing, harness.pool, 99))).toMatchObject({
      code: 'rule_set.not_found',
    });
    expect((await pay()).gateways).toEqual(['second']);
    await upsertGatewayAccount(harness.pool, testVault, {
      merchantId: null,
      livemode: false,
      gateway: 'first',
      name: 'lagos',
      baseUrl: 'http://127.0.0.1:1',
      credentials: { secret: 'sesame' },
      priority: 9,
    });
    await activateRules(harness.routing, harness.pool, version, 1);
    expect((await pay()).gateways).toEqual(['first']);
  });

  it('of which a later version cannot read the content are refused by it, and stay as they were', async () => {
    await activate(SECOND_FIRST);
    await harness.database.query(
      `INSERT INTO routing.rule_set (id, version, content, note, created_by)
       VALUES ($1, 7, '{"rules": [], "otherwise": {"type": "auction"}}', 'of the future', $2)`,
      [newUuid(), ADMIN],
    );
    expect(await refusal(activateRules(harness.routing, harness.pool, 7))).toEqual({
      code: 'rule_set.not_usable',
      pointers: ['/content/otherwise/type'],
    });
    // Another process, which understands it, puts it into force.
    await harness.database.query('UPDATE routing.rule_set SET active = false WHERE active');
    await harness.database.query('UPDATE routing.rule_set SET active = true, activated_at = now() WHERE version = 7');
    await expect(harness.routing.policy.reload()).rejects.toThrow();
    expect((await pay()).gateways).toEqual(['second']);
    await expect(harness.another().policy.refresh()).rejects.toThrow();
  });

  it('are activated one after the other, however many want to at once', async () => {
    const versions = await Promise.all(Array.from({ length: 6 }, () => create(SECOND_FIRST)));
    expect(versions.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    const processes = [harness.routing, harness.another(), harness.another()];
    await Promise.all(
      versions.map(async (version, index) => {
        // Whoever was overtaken asks again.
        const by = processes[index % 3] ?? harness.routing;
        await eventually(() => activateRules(by, harness.pool, version));
      }),
    );
    const active = await harness.database.query<{ version: number }>(
      'SELECT version FROM routing.rule_set WHERE active',
    );
    expect(active).toHaveLength(1);
    const history = await harness.database.query<{ version: number; replaced_version: number | null }>(
      'SELECT version, replaced_version FROM routing.rule_set_activation ORDER BY activated_at',
    );
    expect(history).toHaveLength(6);
    expect(history.map((row) => row.replaced_version)).toEqual([
      null,
      ...history.slice(0, -1).map((row) => row.version),
    ]);
    expect(history.at(-1)?.version).toBe(active[0]?.version);
  });

  it('replace only what whoever activates them has seen', async () => {
    const version = await create(SECOND_FIRST);
    const claims = await Promise.allSettled(
      [harness.routing, harness.another()].map((each) => activateRules(each, harness.pool, version, 0)),
    );
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusal(activateRules(harness.routing, harness.pool, version, 0))).toMatchObject({
      code: 'rule_set.conflict',
    });
  });

  it('cannot be changed, also not by hand with the rights of the program', async () => {
    await activate(SECOND_FIRST);
    await expect(harness.pool.query("UPDATE routing.rule_set SET content = '{}'")).rejects.toMatchObject({
      code: '42501',
    });
    await expect(harness.pool.query('DELETE FROM routing.rule_set')).rejects.toMatchObject({ code: '42501' });
    await expect(harness.pool.query('DELETE FROM routing.rule_set_activation')).rejects.toMatchObject({
      code: '42501',
    });
  });
});

describe('a maintenance window', () => {
  it('over everything fails a payment at once, and not by its merchant', async () => {
    const now = Date.now();
    for (const gateway of ['first', 'second']) {
      await insertWindow(harness.pool, {
        gatewayAccountId: null,
        gateway,
        network: null,
        startsAt: new Date(now - 60_000),
        endsAt: new Date(now + 60_000),
        reason: 'everybody at once',
        createdBy: ADMIN,
      });
    }
    await harness.routing.policy.reload();
    const payment = await harness.pay();
    expect(await harness.events(payment)).toMatchObject([
      { payload: { failure_code: 'no_gateway_available', blame: 'gateway', attempts: 0 } },
    ]);
  });

  it('keeps payments away while it lasts, until it is canceled', async () => {
    const now = Date.now();
    const window = await insertWindow(harness.pool, {
      gatewayAccountId: null,
      gateway: 'first',
      network: 'GHS/mobile_money/mtn',
      startsAt: new Date(now - 60_000),
      endsAt: new Date(now + 60_000),
      reason: 'announced by the gateway',
      createdBy: ADMIN,
    });
    await harness.routing.policy.reload();
    expect(await pay()).toMatchObject({
      gateways: ['second'],
      reasons: [{ excluded: { maintenance: [await accountOf('first')] } }],
    });
    expect(await cancelWindow(harness.pool, window.id, ADMIN)).toBe(true);
    expect(await cancelWindow(harness.pool, window.id, ADMIN)).toBe(false);
    await harness.routing.policy.reload();
    expect((await pay()).gateways).toEqual(['first']);
  });
});
