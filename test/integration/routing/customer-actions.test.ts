/** What customers type: handed on once at a time, kept nowhere, and its end taken for what it is. */
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { GatewayOutcome } from '../../../src/modules/routing/gateways/gateway-adapter.js';
import type { CustomerAction } from '../../../src/modules/routing/gateways/gateway-parts.js';
import { eventually } from '../../support/eventually.js';
import { createHarness, gate, MERCHANT, UNHURRIED, type Harness } from './harness.js';
import { asksFor, declined, notSent, pending, ScriptedGateway, succeeded, unknown } from './scripted-gateway.js';

let gateway: ScriptedGateway;
let second: ScriptedGateway;
let harness: Harness;
let payment: string;

beforeEach(async () => {
  gateway = new ScriptedGateway('first');
  second = new ScriptedGateway('second');
  gateway.onCharge = () => asksFor('otp');
  gateway.onStatus = () => pending();
  // Its own checks are minutes away: what happens here happens because of what is typed.
  harness = await createHarness([gateway, second], { schedule: UNHURRIED });
  payment = await harness.pay();
  await waitsFor('enter_otp');
});
afterEach(() => harness.close());

const OTP: CustomerAction = { type: 'otp', value: '735912' };
const typed = (action: CustomerAction = OTP, change: { merchantId?: string; livemode?: boolean } = {}) =>
  harness.routing.actions.submit({ paymentId: payment, merchantId: MERCHANT, livemode: false, ...change }, action);
const moneyOf = (): GatewayOutcome => {
  const charge = gateway.charges[0];
  if (charge === undefined) throw new Error('nothing was charged');
  return succeeded(charge);
};
const nextAction = async (): Promise<{ type: string; message?: string } | null | undefined> =>
  (
    await harness.database.query<{ next_action: { type: string; message?: string } | null }>(
      'SELECT next_action FROM routing.attempt WHERE payment_id = $1 ORDER BY sequence DESC LIMIT 1',
      [payment],
    )
  )[0]?.next_action;
const waitsFor = (type: string): Promise<void> =>
  eventually(async () => expect(await nextAction()).toMatchObject({ type }));
const turn = async () =>
  (
    await harness.database.query<{ tries: number; token: string | null }>(
      'SELECT tries, token FROM routing.action_turn WHERE payment_id = $1',
      [payment],
    )
  )[0];
const lastUpdate = async () =>
  (await harness.events(payment)).findLast((event) => event.type === 'routing.attempt_updated.v1')?.payload;

describe('what a customer types', () => {
  it('is handed to the gateway under the reference of the attempt that asked, and its success is the payment', async () => {
    gateway.onAction = moneyOf;
    expect(await typed()).toEqual({ result: 'accepted', nextAction: null });
    expect(gateway.entries).toMatchObject([
      { reference: gateway.charges[0]?.reference, currency: 'GHS', action: OTP, timeoutMs: 5_000 },
    ]);
    expect(await harness.state(payment)).toBe('routed');
    expect(await turn()).toEqual({ tries: 1, token: null });
  });

  it('is not asked for any more once the gateway has taken it, which is announced, and looked after soon', async () => {
    expect(await typed()).toEqual({ result: 'accepted', nextAction: null });
    expect(await nextAction()).toBeNull();
    expect(await lastUpdate()).toMatchObject({ next_action: null, attempt: { status: 'pending' } });
    const [attempt] = await harness.attempts(payment);
    expect(attempt?.next_check_at?.getTime()).toBeLessThan(Date.now() + 6_000);
    await expect(typed()).rejects.toMatchObject({ code: 'payment.action_not_expected' });
    expect(gateway.entries).toHaveLength(1);
  });

  it('may be followed by something else to type', async () => {
    gateway.onAction = () => asksFor('pin', 'And the PIN');
    expect(await typed()).toEqual({ result: 'accepted', nextAction: { type: 'enter_pin', message: 'And the PIN' } });
    expect(await lastUpdate()).toMatchObject({ next_action: { type: 'enter_pin' } });
    await expect(typed()).rejects.toMatchObject({ code: 'payment.action_not_expected', members: { expected: 'pin' } });
    gateway.onAction = moneyOf;
    expect(await typed({ type: 'pin', value: '4821' })).toMatchObject({ result: 'accepted' });
    expect(await harness.state(payment)).toBe('routed');
  });

  it('may be typed again when it was wrong, up to a limit', async () => {
    gateway.onAction = () => asksFor('otp', 'Wrong code');
    for (let count = 0; count < 10; count += 1)
      expect(await typed()).toEqual({ result: 'retry', nextAction: { type: 'enter_otp', message: 'Wrong code' } });
    await expect(typed()).rejects.toMatchObject({ code: 'payment.action_limit_reached' });
    expect(gateway.entries).toHaveLength(10);
  });

  it('can end the attempt, and then another gateway may follow as after any decline', async () => {
    second.onCharge = () => pending();
    gateway.onAction = () => declined(true);
    expect(await typed()).toEqual({ result: 'declined', nextAction: null });
    await eventually(() => expect(second.charges).toHaveLength(1));
  });

  it('whose end is not known changes nothing, but the gateway is asked soon', async () => {
    gateway.onAction = () => unknown();
    expect(await typed()).toEqual({ result: 'unknown', nextAction: null });
    const [attempt] = await harness.attempts(payment);
    expect(attempt?.status).toBe('pending');
    expect(attempt?.next_check_at?.getTime()).toBeLessThan(Date.now() + 6_000);
    expect(second.charges).toEqual([]);
  });

  it('that did not reach the gateway says nothing about the charge and is no try', async () => {
    gateway.onAction = () => notSent();
    await expect(typed()).rejects.toMatchObject({ code: 'payment.action_not_delivered', retryAfterSeconds: 2 });
    expect(await harness.attempts(payment)).toMatchObject([{ status: 'pending' }]);
    expect(await nextAction()).toMatchObject({ type: 'enter_otp' });
    expect(await turn()).toEqual({ tries: 0, token: null });
    expect(second.charges).toEqual([]);
  });

  it('that the gateway would not take makes us ask how the charge stands', async () => {
    gateway.onAction = () => ({ kind: 'not_sent', code: 'invalid_params', blame: 'merchant' });
    gateway.onStatus = moneyOf;
    await expect(typed()).rejects.toMatchObject({ code: 'payment.action_refused' });
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(await turn()).toMatchObject({ tries: 1 });
  });

  it('is handed on once when it comes twice at once', async () => {
    const hold = gate();
    gateway.onAction = async () => {
      await hold.opened;
      return moneyOf();
    };
    const first = typed();
    await eventually(() => expect(gateway.entries).toHaveLength(1));
    const others = await Promise.allSettled(Array.from({ length: 5 }, () => typed()));
    expect(
      others.map((each) => (each.status === 'rejected' ? (each.reason as { code: string }).code : 'let in')),
    ).toEqual(Array.from({ length: 5 }, () => 'payment.action_in_progress'));
    hold.open();
    expect(await first).toMatchObject({ result: 'accepted' });
    expect(gateway.entries).toHaveLength(1);
  });

  it('waits for the turn of one that died to run out, and the gateway is asked about that one', async () => {
    await harness.database.query(
      "INSERT INTO routing.action_turn (payment_id, tries, token, lease_until) VALUES ($1, 1, gen_random_uuid(), now() + interval '1 h')",
      [payment],
    );
    await expect(typed()).rejects.toMatchObject({ code: 'payment.action_in_progress' });
    await harness.database.query('UPDATE routing.action_turn SET lease_until = now()');
    expect(await typed()).toMatchObject({ result: 'accepted' });
    expect(await turn()).toEqual({ tries: 2, token: null });
  });

  it('brings the next look at the attempt to the end of its turn, before the call', async () => {
    const hold = gate();
    gateway.onAction = async () => {
      await hold.opened;
      return pending();
    };
    const submission = typed();
    await eventually(() => expect(gateway.entries).toHaveLength(1));
    const [attempt] = await harness.attempts(payment);
    // 5 s for the call, 20 s for writing down, and a second.
    expect(attempt?.next_check_at?.getTime()).toBeLessThan(Date.now() + 26_500);
    hold.open();
    await submission;
  });

  it.each([
    ['of another merchant', { merchantId: newUuid() }],
    ['in the other mode', { livemode: true }],
  ])('for a payment %s is for one that does not exist', async (_name, change) => {
    await expect(typed(OTP, change)).rejects.toMatchObject({ code: 'payment.not_found' });
    expect(gateway.entries).toEqual([]);
  });

  it.each([
    ['otp', '12 34'],
    ['otp', ''],
    ['otp', '1'.repeat(13)],
  ] as const)('costs no try when it cannot be right: %s %s', async (type, value) => {
    await expect(typed({ type, value })).rejects.toMatchObject({ code: 'request.invalid' });
    expect(gateway.entries).toEqual([]);
    expect(await turn()).toBeUndefined();
  });

  it('is not wanted once the payment has ended', async () => {
    gateway.onStatus = moneyOf;
    const [attempt] = await harness.attempts(payment);
    await harness.passTime(attempt?.id ?? '', 3_600);
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    await expect(typed()).rejects.toMatchObject({ code: 'payment.action_not_expected' });
  });

  it('is in no table afterwards, even when the gateway repeats it in everything it says', async () => {
    const value = '90417733';
    gateway.onAction = () => ({
      kind: 'pending',
      code: `invalid_otp_${value}`,
      nextAction: { type: 'enter_otp', message: `The code ${value} is wrong` },
      handles: { typed: value, id: '77' },
    });
    const first = await typed({ type: 'otp', value });
    expect(JSON.stringify(first)).not.toContain(value);
    gateway.onAction = () => unknown(`no_answer_to_${value}`);
    await typed({ type: 'otp', value });
    gateway.onAction = () => ({ ...declined(false), code: `declined_${value}` }) as GatewayOutcome;
    await typed({ type: 'otp', value });
    expect(await harness.state(payment)).toBe('exhausted');
    const tables = await harness.database.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const found = await harness.database.query(`SELECT 1 FROM ${name} t WHERE t::text LIKE '%' || $1 || '%'`, [
        value,
      ]);
      expect([name, found.length]).toEqual([name, 0]);
    }
  });
});
