/** Rules that speak of payouts, what is kept of each choice, and what operators are told of it. */
import type { Databases } from '../../../src/kernel/database/databases.js';
import { DomainError } from '../../../src/kernel/errors/domain-error.js';
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { feeSchedule } from '../../../src/modules/routing/fees/fee-model.js';
import { updateFees } from '../../../src/modules/routing/gateway-accounts.store.js';
import { InsightController, type SimulateBody } from '../../../src/modules/routing/insight.controller.js';
import { isReason } from '../../../src/modules/routing/reason.js';
import { eventually } from '../../support/eventually.js';
import { activateRules, createHarness, MERCHANT, UNHURRIED, type Harness } from './harness.js';
import { captured, payOut, PayingGateway, refundOf, idOf } from './paying-gateway.js';
import { declined } from './scripted-gateway.js';

let first: PayingGateway;
let second: PayingGateway;
let harness: Harness;
let insight: InsightController;
beforeEach(async () => {
  first = new PayingGateway('first');
  second = new PayingGateway('second');
  harness = await createHarness([first, second], { schedule: UNHURRIED, payouts: 'by_worth' });
  insight = new InsightController(harness.routing, { of: () => harness.pool } as unknown as Databases);
});
afterEach(() => harness.close());

const payoutRule = (use: object, when: object = {}) => ({
  rules: [{ name: 'payouts', when: { kind: ['payout'], ...when }, use }],
  otherwise: { type: 'priority' },
});
async function activate(content: unknown): Promise<number> {
  const { version } = await harness.routing.ruleSets.create(content, 'a test', newUuid());
  await activateRules(harness.routing, harness.pool, version);
  return version;
}
async function paidOut(change: Parameters<typeof payOut>[1] = {}) {
  const id = await payOut(harness, change);
  await eventually(async () => expect(await harness.state(id)).not.toBe('routing'));
  const attempts = await harness.attempts(id);
  return {
    id,
    gateways: attempts.map(({ gateway }) => gateway),
    reasons: attempts.map(({ reason }) => {
      if (!isReason(reason)) throw new Error('an attempt without a reason');
      return reason;
    }),
  };
}
const accountOf = async (gateway: string): Promise<string> =>
  (await harness.routing.accounts.all()).find((account) => account.gateway === gateway)?.id ?? '';

const WALLET = { type: 'mobile_money', network: 'mtn', phone: '+233241234567', name: 'Ama Mensah' } as const;
const simulate = (over: object = {}, rules: Partial<SimulateBody> = {}) =>
  insight.simulate({
    payout: {
      merchant_id: encodeId('merchant', MERCHANT),
      livemode: false,
      amount: 1_000,
      currency: 'GHS',
      destination: WALLET,
      ...over,
    },
    ...rules,
  });

describe('rules about payouts', () => {
  it('send payouts where they say and leave payments alone, and each attempt keeps why', async () => {
    const version = await activate(payoutRule({ type: 'order', gateways: ['second'] }));
    const { gateways, reasons } = await paidOut();
    expect(gateways).toEqual(['second']);
    expect(reasons).toMatchObject([
      { version, rule: 'payouts', strategy: 'order', because: 'matched', propensity: 1, excluded: {} },
    ]);
    const payment = await harness.pay();
    expect((await harness.attempts(payment)).map(({ gateway }) => gateway)).toEqual(['first']);
  });

  it('that speak of payments alone do nothing to payouts, which go by worth', async () => {
    await activate({
      rules: [{ name: 'all', when: {}, use: { type: 'order', gateways: ['first'], others: false } }],
      otherwise: { type: 'priority' },
    });
    const { reasons } = await paidOut();
    expect(reasons).toMatchObject([{ rule: null, strategy: 'smart', propensity: 0.5 }]);
    expect(reasons[0]?.candidates).toHaveLength(2);
  });

  it('say where a payout goes next, and keep what was tried', async () => {
    await activate(payoutRule({ type: 'order', gateways: ['second', 'first'] }));
    second.onPayout = () => declined(true);
    const { gateways, reasons } = await paidOut();
    expect(gateways).toEqual(['second', 'first']);
    expect(reasons[1]).toMatchObject({ excluded: { tried: [await accountOf('second')] } });
  });

  it('may ask for what the merchant noted, and for the network', async () => {
    await activate(payoutRule({ type: 'order', gateways: ['second'] }, { network: ['mtn'], country: ['GH'] }));
    expect((await paidOut()).reasons).toMatchObject([{ rule: 'payouts' }]);
    const bank = { type: 'bank_account', bank_code: '058', account_number: '0123456789', name: 'Ama' } as const;
    expect((await paidOut({ destination: bank })).reasons).toMatchObject([{ rule: null }]);
  });

  it('never move a refund from where the money was captured', async () => {
    await activate(payoutRule({ type: 'order', gateways: ['second'], others: false }));
    const charge = await captured(harness);
    const refund = refundOf(charge, { amount: 500 });
    await harness.handle([refund]);
    await eventually(async () => expect(await harness.state(idOf(refund))).toBe('routed'));
    expect((await harness.attempts(idOf(refund))).map(({ gateway }) => gateway)).toEqual([charge.gateway]);
  });
});

describe('what is seen of payouts', () => {
  it('decides where the next ones go: how they end there, and what they cost', async () => {
    first.onPayout = () => declined(true);
    await activate(payoutRule({ type: 'order', gateways: ['first'] }));
    for (let index = 0; index < 3; index += 1) await paidOut();
    await activate(payoutRule({ type: 'smart' }));
    expect(await simulate()).toMatchObject({ candidates: [{ gateway: 'second' }, { gateway: 'first' }] });
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    // A gateway whose transfers fail goes on taking charges.
    expect((await harness.attempts(payment)).map(({ gateway }) => gateway)).toEqual(['first']);
  });

  it("is not a gateway's fault where the person or the float was: neither counts", async () => {
    first.onPayout = () => ({
      kind: 'declined',
      code: 'wrong_account',
      blame: 'customer',
      retryable: false,
      handles: {},
    });
    await activate(payoutRule({ type: 'order', gateways: ['first'] }));
    for (let index = 0; index < 3; index += 1) await paidOut();
    first.onPayout = () => ({ kind: 'not_sent', code: 'insufficient_float', blame: 'merchant' });
    for (let index = 0; index < 3; index += 1) await paidOut({ amount: 1_000 + index });
    const { segments } = (await insight.health()) as { segments: { gateway: string }[] };
    expect(segments.filter(({ gateway }) => gateway === 'first')).toEqual([]);
  });

  it('is known to other processes, and to those that begin later', async () => {
    first.onPayout = () => declined(true);
    await activate(payoutRule({ type: 'order', gateways: ['first'] }));
    for (let index = 0; index < 3; index += 1) await paidOut();
    await harness.routing.evidence.catchUp();
    const other = harness.another();
    await other.evidence.catchUp();
    const accountId = await accountOf('first');
    const usual = (routing: typeof other) =>
      routing.disbursementBreakers
        .known()
        .filter((each) => each.accountId === accountId)
        .map(({ network }) => network);
    expect(usual(other)).toEqual(['GHS/payout/mobile_money/mtn']);
    expect(other.disbursementBreakers.accountState(accountId)).toBe('open');
    expect(other.breakers.known()).toEqual([]);
  });
});

describe('a payout that is only asked about', () => {
  it("is told everything that would be decided by, and nobody's name", async () => {
    const fee = { tiers: [{ percent_bps: 100 }] };
    await updateFees(harness.pool, await accountOf('first'), [
      feeSchedule.parse({ kind: 'payout', currency: 'GHS', fee }),
    ]);
    first.floatMinor = 999n;
    const answer = await simulate();
    expect(answer).toMatchObject({
      object: 'routing_simulation',
      kind: 'payout',
      network: 'GHS/payout/mobile_money/mtn',
      country: 'GH',
      rule: null,
      strategy: { type: 'smart' },
      because: 'chance',
      candidates: [
        {
          gateway: 'second',
          propensity: 1,
          float_scarcity: 0,
          float: { available: 1_000_000, planned: 0, stale: false },
        },
      ],
      excluded: [{ gateway: 'first', why: 'float', float: { available: 999 } }],
    });
    expect(await simulate({ amount: 999 })).toMatchObject({
      candidates: expect.arrayContaining([
        expect.objectContaining({ gateway: 'first', fee_share: expect.closeTo(0.01, 3) }),
      ]),
    });
    expect(JSON.stringify(answer)).not.toMatch(/Ama|Mensah|241234567/);
    expect(await harness.database.query('SELECT FROM routing.payment')).toEqual([]);
  });

  it('is answered by other rules too', async () => {
    const content = payoutRule({ type: 'order', gateways: ['second'], others: false });
    expect(await simulate({}, { content })).toMatchObject({
      rule_set: { version: null, active: false },
      rule: 'payouts',
      candidates: [{ gateway: 'second' }],
      excluded: [{ gateway: 'first', why: 'rule' }],
    });
  });

  it('waits where no float suffices', async () => {
    first.floatMinor = 10n;
    second.floatMinor = 10n;
    expect(await simulate()).toMatchObject({ because: 'waits_for_float', excluded: [] });
  });

  it('is refused when it is not understood, or is both', async () => {
    const refused = async (body: SimulateBody): Promise<string[]> => {
      const error = await insight.simulate(body).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!(error instanceof DomainError)) throw new Error('it was not refused');
      return error.errors.map(({ pointer }) => pointer);
    };
    expect(await refused({})).toEqual(['/payment']);
    expect(await refused({ payment: {}, payout: {} })).toEqual(['/payment']);
    await expect(simulate({ destination: { type: 'card' } })).rejects.toBeInstanceOf(DomainError);
  });
});

it('plays recorded payouts again under other rules, and shows how one was routed', async () => {
  await activate(payoutRule({ type: 'weights', weights: { first: 1, second: 1 } }));
  const ids = [];
  for (let index = 0; index < 12; index += 1) ids.push((await paidOut()).id);
  await harness.pay();
  const content = payoutRule({ type: 'order', gateways: ['second'], others: false });
  const played = await insight.backtest({ days: 1, livemode: false, kind: 'payout', content });
  expect(played).toMatchObject({
    kind: 'payout',
    attempts: { recorded: 12, used: 12 },
    coverage: 1,
    success_rate: { happened: { estimate: 1 }, candidate: { estimate: 1 } },
    segments: [{ network: 'GHS/payout/mobile_money/mtn', attempts: 12 }],
  });
  expect(Number(played['effective_sample_size'])).toBeLessThan(12);
  const shown = await insight.payout(encodeId('payout', ids[0] ?? ''));
  expect(shown).toMatchObject({
    object: 'routed_payout',
    attempts: [{ status: 'succeeded', reason: { rule: 'payouts', strategy: 'weights', propensity: 0.5 } }],
  });
  expect(JSON.stringify(shown)).not.toMatch(/Ama|Mensah|241234567/);
});
