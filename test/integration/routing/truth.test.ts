import { newUuid } from '../../../src/kernel/ids/ids.js';
import { claimDue, claimToSend, renewSendLeases } from '../../../src/modules/routing/attempt-claims.store.js';
import { findAttempts } from '../../../src/modules/routing/attempts.store.js';
import { CHECK_SCHEDULE } from '../../../src/modules/routing/check-schedule.js';
import { Database } from '../../../src/kernel/database/database.js';
import { eventually } from '../../support/eventually.js';
import { CARD, createHarness, gate, plain, start, UNHURRIED, type AttemptRow, type Harness } from './harness.js';
import { declined, notFound, notSent, pending, ScriptedGateway, succeeded, unknown } from './scripted-gateway.js';

type Asked = Parameters<typeof succeeded>[0];

const FIRST_CHECK_AFTER_MS = 5_000;

let first: ScriptedGateway;
let second: ScriptedGateway;
let harness: Harness;

beforeEach(async () => {
  first = new ScriptedGateway('first', { idempotentCreate: true });
  second = new ScriptedGateway('second', { notFoundTrustedAfterMs: 600_000 });
});
afterEach(() => harness.close());

async function only(payment: string): Promise<AttemptRow> {
  const [attempt] = await harness.attempts(payment);
  if (attempt === undefined) throw new Error('no attempt');
  return attempt;
}
const count = async (payment: string, type: string): Promise<number> =>
  (await harness.events(payment)).filter((event) => event.type === `routing.${type}.v1`).length;

/** Puts an attempt into a state that a dead process could have left. */
async function leftAs(status: 'planned' | 'sending'): Promise<{ payment: string; attempt: AttemptRow }> {
  const payment = await harness.pay();
  const attempt = await only(payment);
  if (status === 'sending') {
    const pool = new Database({ url: harness.database.url, owner: 'routing', poolSize: 1 });
    await claimToSend(pool, [{ attemptId: attempt.id, token: newUuid() }], FIRST_CHECK_AFTER_MS);
    await pool.close();
  }
  await harness.passTime(attempt.id, 60);
  return { payment, attempt };
}

describe('finding out what became of an attempt', () => {
  it('learns from the gateway that a charge which timed out had succeeded', async () => {
    harness = await createHarness([first, second]);
    first.onCharge = () => unknown();
    first.onStatus = () => unknown('http_503');
    const payment = await harness.pay();
    await eventually(async () => expect((await only(payment)).status).toBe('unknown'));
    await eventually(() => expect(first.queries.length).toBeGreaterThan(2));
    first.onStatus = (request) => succeeded(request);
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(second.charges).toHaveLength(0);
    expect(first.charges).toHaveLength(1);
    expect(await count(payment, 'payment_routed')).toBe(1);
  });

  it('asks while the charge call still hangs, and keeps the truth when the call then times out', async () => {
    harness = await createHarness([first, second], { schedule: { ...UNHURRIED, pausesMs: [10_000] } });
    const hold = gate();
    first.onCharge = async () => {
      await hold.opened;
      return unknown();
    };
    const payment = await harness.pay();
    await eventually(async () => expect((await only(payment)).status).toBe('sending'));
    await harness.passTime((await only(payment)).id, 12);
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    hold.open();
    await eventually(() => expect(harness.routing.recorder.drained()).resolves.toBeUndefined());
    expect((await only(payment)).status).toBe('succeeded');
    expect(second.charges).toHaveLength(0);
  });

  it('lets fifty findings of all kinds at once produce one winner', async () => {
    harness = await createHarness([first, second], { schedule: UNHURRIED });
    first.onCharge = () => pending();
    let asked = 0;
    first.onStatus = async (request) => {
      asked += 1;
      const turn = asked % 5;
      await new Promise((resolve) => setTimeout(resolve, turn * 3));
      return [pending(), succeeded(request), unknown(), notFound(), succeeded(request)][turn] ?? pending();
    };
    const payment = await harness.pay();
    await eventually(async () => expect((await only(payment)).status).toBe('pending'));
    const { id } = await only(payment);
    const processes = [harness.routing, harness.another(), harness.another()];
    for (const process of processes.slice(1)) start(process);
    const pool = new Database({ url: harness.database.url, owner: 'routing', poolSize: 1 });
    const [target] = await findAttempts(pool, [id]);
    await pool.close();
    if (target === undefined) throw new Error('the attempt is gone');
    const money = {
      kind: 'succeeded',
      code: 'success',
      reference: plain(id),
      amountMinor: 1_500n,
      currency: 'GHS',
      feeMinor: null,
      handles: {},
    } as const;
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const process = processes[n % processes.length] ?? harness.routing;
        if (n % 3 === 0) return harness.webhook(first, plain(id), { id: `event-${n}` });
        if (n % 3 === 1) return process.payments.queries.query(target, { source: 'webhook', claimsSuccess: true });
        const outcome = n % 2 === 0 ? money : declined(true);
        return process.recorder.record(id, { source: 'charge', token: newUuid(), outcome });
      }),
    );
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    const attempts = await harness.attempts(payment);
    expect(attempts.filter((each) => each.status === 'succeeded')).toHaveLength(1);
    expect(await count(payment, 'payment_routed')).toBe(1);
    expect(await count(payment, 'surplus_captured')).toBe(0);
    expect(second.charges).toHaveLength(0);
  });

  it('turns a payment that was given up into a routed one when an attempt succeeds late', async () => {
    harness = await createHarness([first]);
    first.onCharge = () => declined(true);
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('exhausted'));
    await harness.webhook(first, plain((await only(payment)).id));
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(await only(payment)).toMatchObject({ status: 'succeeded', late: true });
    expect((await harness.events(payment)).map((event) => event.type)).toEqual([
      'routing.attempt_started.v1',
      'routing.attempt_concluded.v1',
      'routing.payment_exhausted.v1',
      'routing.payment_routed.v1',
    ]);
  });

  it('books a second success as surplus, whichever attempt comes first', async () => {
    harness = await createHarness([first, second]);
    first.onCharge = () => declined(true);
    second.onCharge = () => pending();
    second.onStatus = () => pending();
    const payment = await harness.pay();
    await eventually(async () =>
      expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['declined', 'pending']),
    );
    const [one, two] = await harness.attempts(payment);
    await harness.webhook(first, plain(one?.id ?? ''));
    await eventually(async () =>
      expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['succeeded', 'pending']),
    );
    second.onStatus = (request) => succeeded(request);
    await harness.webhook(second, plain(two?.id ?? ''));
    await eventually(async () =>
      expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['succeeded', 'surplus']),
    );
    expect(await count(payment, 'payment_routed')).toBe(1);
    expect(await count(payment, 'surplus_captured')).toBe(1);
  });

  it('does not send a planned attempt once an earlier one has turned out to have the money', async () => {
    harness = await createHarness([first, second], { start: false });
    const payment = await harness.pay();
    const { id } = await only(payment);
    await harness.routing.recorder.record(id, { source: 'divert', code: 'breaker_open' });
    expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['not_sent', 'planned']);
    await harness.webhook(first, plain(id));
    await eventually(async () =>
      expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['succeeded', 'not_sent']),
    );
    start(harness.routing);
    await harness.database.query('UPDATE routing.attempt SET next_check_at = now() WHERE next_check_at IS NOT NULL');
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(second.charges).toHaveLength(0);
  });

  it.each([
    ['amount', { amountMinor: 1_499n }],
    ['currency', { currency: 'NGN' }],
    ['reference', { reference: 'somebody-elses' }],
  ] as const)('quarantines money whose %s is not what was asked, and charges nobody else', async (reason, change) => {
    harness = await createHarness([first, second]);
    // A check may come before the charge's own answer does.
    first.onCharge = first.onStatus = (request: Asked) => succeeded(request, change);
    const payment = await harness.pay();
    await eventually(async () => expect((await only(payment)).status).toBe('quarantined'));
    first.onStatus = () => declined(true);
    const { id } = await only(payment);
    await harness.webhook(first, plain(id));
    await harness.routing.recorder.record(id, { source: 'webhook', claimsSuccess: true, outcome: declined(true) });
    expect(await harness.attempts(payment)).toHaveLength(1);
    expect((await only(payment)).case_opened_at).not.toBeNull();
    expect((await harness.events(payment)).at(-1)).toMatchObject({
      type: 'routing.attempt_quarantined.v1',
      payload: { reason },
    });
    expect(await harness.state(payment)).toBe('routing');
  });

  it('keeps money in a currency that is not booked as a visible case', async () => {
    harness = await createHarness([first, second]);
    first.onCharge = first.onStatus = (request: Asked) => succeeded(request, { currency: 'USD' });
    const payment = await harness.pay();
    await eventually(async () => expect((await only(payment)).case_opened_at).not.toBeNull());
    first.onStatus = () => declined(true);
    await harness.webhook(first, plain((await only(payment)).id));
    await eventually(() => expect(first.queries.length).toBeGreaterThan(0));
    expect(await only(payment)).toMatchObject({ status: 'unknown', outcome_code: 'unbookable_capture' });
    expect(second.charges).toHaveLength(0);
  });

  it('quarantines late money beside the attempt that followed, and goes no further', async () => {
    harness = await createHarness([first, second]);
    first.onCharge = () => declined(true);
    second.onCharge = () => pending();
    second.onStatus = () => pending();
    first.onStatus = (request) => succeeded(request, { amountMinor: 1n });
    const payment = await harness.pay();
    await eventually(async () => expect((await harness.attempts(payment))[1]?.status).toBe('pending'));
    const [one] = await harness.attempts(payment);
    await harness.webhook(first, plain(one?.id ?? ''));
    await eventually(async () =>
      expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['quarantined', 'pending']),
    );
    second.onStatus = () => declined(true);
    await harness.passTime((await harness.attempts(payment))[1]?.id ?? '', 6);
    await eventually(async () =>
      expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['quarantined', 'declined']),
    );
    expect(await harness.state(payment)).toBe('routing');
    expect(await count(payment, 'payment_exhausted')).toBe(0);
  });
});

describe('after a crash', () => {
  it('sends an attempt that was only planned', async () => {
    harness = await createHarness([first, second], { start: false });
    const { payment } = await leftAs('planned');
    start(harness.routing);
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(first.charges).toHaveLength(1);
  });

  it("lets others take over what it planned by the database's clock, however wrong its own is", async () => {
    harness = await createHarness([first, second], { start: false });
    const RealDate = Date;
    const hour = 3_600_000;
    globalThis.Date = class extends RealDate {
      constructor(time?: number) {
        super(time ?? RealDate.now() + hour);
      }
    } as DateConstructor;
    const payment = await harness.pay().finally(() => {
      globalThis.Date = RealDate;
    });
    const { next_check_at: takenOverAt } = await only(payment);
    expect((takenOverAt?.getTime() ?? Infinity) - Date.now()).toBeLessThan(hour / 2);
  });

  it('asks about an attempt that was being sent, and does not send it again if the gateway knows it', async () => {
    harness = await createHarness([first, second], { start: false });
    const { payment } = await leftAs('sending');
    start(harness.routing);
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(first.charges).toHaveLength(0);
    expect(first.queries).toHaveLength(1);
  });

  it('sends it again under the same reference where the gateway refuses duplicates and twice knew nothing', async () => {
    harness = await createHarness([first, second], { start: false });
    const { payment, attempt } = await leftAs('sending');
    first.onStatus = notFound;
    start(harness.routing);
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(first.charges.map((each) => each.reference)).toEqual([plain(attempt.id)]);
    expect(first.queries).toHaveLength(2);
    expect(await only(payment)).toMatchObject({ status: 'succeeded', resend_count: 1 });
  });

  it('sends a charge that timed out again under the same reference, and takes the refusal as proof that the first arrived', async () => {
    harness = await createHarness([first, second]);
    first.onCharge = () =>
      first.charges.length === 1 ? unknown() : { kind: 'duplicate', code: 'duplicate_reference' };
    first.onStatus = (request) => (first.charges.length === 1 ? notFound() : succeeded(request));
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(new Set(first.charges.map((each) => each.reference)).size).toBe(1);
    expect(first.charges).toHaveLength(2);
    expect(second.charges).toHaveLength(0);
  });

  it('waits with sending again while its gateway account has had its share of that', async () => {
    harness = await createHarness([first, second], { start: false });
    const { payment, attempt } = await leftAs('sending');
    first.onStatus = notFound;
    const { budgets } = harness.routing;
    while (budgets.take(attempt.gateway_account_id));
    // Ten flow in per second: for the moment none do.
    const take = budgets.take.bind(budgets);
    budgets.take = () => false;
    start(harness.routing);
    await eventually(() => expect(first.queries.length).toBeGreaterThanOrEqual(2));
    expect(first.charges).toHaveLength(0);
    expect(await only(payment)).toMatchObject({ status: 'unknown', resend_count: 0 });
    // It goes on being asked about meanwhile.
    budgets.take = take;
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(first.charges).toHaveLength(1);
  });

  it('makes a sender that was frozen find out that its claim is gone, before it sends', async () => {
    harness = await createHarness([first, second], { schedule: UNHURRIED });
    const { recorder } = harness.routing;
    const { sender } = harness.routing.payments;
    first.onCharge = () => pending();
    const payment = await harness.pay();
    const { id } = await only(payment);
    await eventually(async () => expect((await only(payment)).status).toBe('pending'));
    await eventually(() => expect(recorder.drained()).resolves.toBeUndefined());
    const pool = new Database({ url: harness.database.url, owner: 'routing', poolSize: 1 });
    const [target] = await findAttempts(pool, [id]);
    await pool.close();
    if (target === undefined) throw new Error('the attempt is gone');
    // As it was when it was claimed, a minute ago.
    const frozen = {
      ...target,
      claim: { token: target.attempt.sendToken ?? '', claimedAtMs: performance.now() - 60_000 },
    };
    sender.offer([frozen]);
    // A second offer is taken only once the first has been let go.
    await eventually(() => {
      sender.offer([frozen]);
      expect(first.charges).toHaveLength(1);
    });
    await sender.stop();
    expect(first.charges).toHaveLength(1);
  });

  it('believes "not sent" of a second sending only as far as that goes', async () => {
    harness = await createHarness([first, second], { start: false });
    const { payment } = await leftAs('sending');
    first.onStatus = notFound;
    first.onCharge = () => notSent();
    start(harness.routing);
    await eventually(async () => expect((await only(payment)).resend_count).toBe(5));
    await eventually(async () => expect(await only(payment)).toMatchObject({ status: 'unknown', interrupted: true }));
    expect(second.charges).toHaveLength(0);
  });

  it('never sends again, and never fails over, where the gateway would charge twice', async () => {
    first = new ScriptedGateway('first', { idempotentCreate: false });
    harness = await createHarness([first, second], { start: false });
    const { payment } = await leftAs('sending');
    first.onStatus = notFound;
    start(harness.routing);
    await eventually(() => expect(first.queries.length).toBeGreaterThan(5));
    expect(await only(payment)).toMatchObject({ status: 'unknown', interrupted: true, resend_count: 0 });
    expect(first.charges).toHaveLength(0);
    expect(second.charges).toHaveLength(0);
  });

  it('leaves an attempt alone whose sender still renews its lease', async () => {
    harness = await createHarness([first, second], { schedule: UNHURRIED });
    const hold = gate();
    first.onCharge = async (request) => {
      await hold.opened;
      return succeeded(request);
    };
    first.onStatus = notFound;
    const payment = await harness.pay();
    await eventually(async () => expect((await only(payment)).status).toBe('sending'));
    await harness.database.query("UPDATE routing.attempt SET next_check_at = now() - interval '1 s'");
    await eventually(() => expect(first.queries).toHaveLength(1));
    await eventually(async () =>
      expect((await only(payment)).next_check_at?.getTime()).toBeGreaterThan(Date.now() + 10_000),
    );
    expect(await only(payment)).toMatchObject({ status: 'sending', interrupted: false });
    hold.open();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(first.charges).toHaveLength(1);
  });
});

describe('a card that no gateway admits to', () => {
  it('fails over after three "not found" spread beyond what the gateway needs, and still sees a success that comes later', async () => {
    harness = await createHarness([second, first]);
    second.onCharge = () => unknown();
    second.onStatus = notFound;
    first.onCharge = () => pending();
    first.onStatus = () => pending();
    const payment = await harness.pay(CARD);
    await eventually(() => expect(second.queries.length).toBeGreaterThanOrEqual(5));
    expect(first.charges).toHaveLength(0);
    await harness.passTime((await only(payment)).id, 601);
    await eventually(async () =>
      expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['not_sent', 'pending']),
    );
    // It was inferred, so the gateway goes on being asked.
    second.onStatus = (request) => succeeded(request);
    await eventually(async () =>
      expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['succeeded', 'pending']),
    );
    first.onStatus = (request) => succeeded(request);
    await harness.passTime((await harness.attempts(payment))[1]?.id ?? '', 6);
    await eventually(async () =>
      expect((await harness.attempts(payment)).map((each) => each.status)).toEqual(['succeeded', 'surplus']),
    );
  });
});

describe('what the database itself refuses', () => {
  it('a second live attempt, a second winner, and a reference used twice', async () => {
    harness = await createHarness([first, second], { start: false });
    const payment = await harness.pay();
    const copy = (columns: string, values: string): Promise<unknown> =>
      harness.database.query(
        `INSERT INTO routing.attempt (id, payment_id, merchant_id, livemode, sequence, gateway, gateway_account_id, reason, created_at, reference, captured_amount, ${columns})
         SELECT gen_random_uuid(), payment_id, merchant_id, livemode, sequence + 1, gateway, (SELECT id FROM routing.gateway_account WHERE gateway = 'second'), reason, now(), ${values}
         FROM routing.attempt WHERE payment_id = $1`,
        [payment],
      );
    await expect(copy('status', "'new', NULL, 'planned'")).rejects.toThrow('attempt_one_live_per_payment');
    await expect(copy('status', "reference, NULL, 'declined'")).rejects.toThrow('attempt_gateway_reference_key');
    await harness.database.query("UPDATE routing.attempt SET status = 'succeeded', captured_amount = 1");
    await expect(copy('status', "'new', 1, 'succeeded'")).rejects.toThrow('attempt_one_winner_per_payment');
  });
});

describe('ownership', () => {
  it('gives a planned attempt to one of many senders, and a lease back only to its owner', async () => {
    harness = await createHarness([first, second], { start: false });
    const { id } = await only(await harness.pay());
    const pool = new Database({ url: harness.database.url, owner: 'routing', poolSize: 8 });
    const claims = Array.from({ length: 20 }, () => ({ attemptId: id, token: newUuid() }));
    const won = await Promise.all(
      claims.map(async (claim) => (await claimToSend(pool, [claim], FIRST_CHECK_AFTER_MS)).has(id)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    const owner = claims[won.indexOf(true)];
    const other = claims[won.indexOf(false)];
    expect((await renewSendLeases(pool, owner === undefined ? [] : [owner])).has(id)).toBe(true);
    expect((await renewSendLeases(pool, other === undefined ? [] : [other])).has(id)).toBe(false);
    await pool.close();
  });

  it('counts nothing from a check that somebody else has taken over', async () => {
    harness = await createHarness([second], { start: false, schedule: CHECK_SCHEDULE });
    const { id } = await only(await harness.pay(CARD));
    const pool = new Database({ url: harness.database.url, owner: 'routing', poolSize: 2 });
    await claimToSend(pool, [{ attemptId: id, token: newUuid() }], FIRST_CHECK_AFTER_MS);
    await harness.database.query("UPDATE routing.attempt SET status = 'unknown', next_check_at = now()");
    const stale = newUuid();
    expect(await claimDue(pool, 10, stale, 0, [])).toHaveLength(1);
    const present = newUuid();
    expect(await claimDue(pool, 10, present, 60_000, [])).toHaveLength(1);
    const { recorder } = harness.routing;
    const results = await Promise.all(
      Array.from({ length: 5 }, () => recorder.record(id, { source: 'check', token: stale, outcome: notFound() })),
    );
    expect(results.every((each) => each.change === 'kept')).toBe(true);
    const [a, b] = await Promise.all(
      [present, present].map((token) => recorder.record(id, { source: 'check', token, outcome: notFound() })),
    );
    expect([a?.change, b?.change].toSorted()).toEqual(['kept', 'noted']);
    expect(await harness.database.query('SELECT not_found_count, checks FROM routing.attempt')).toEqual([
      { not_found_count: 1, checks: 1 },
    ]);
    await pool.close();
  });

  it('ignores "not sent" from a sender that was given up', async () => {
    harness = await createHarness([first, second], { start: false });
    const { payment, attempt } = await leftAs('sending');
    const recorded = await harness.routing.recorder.record(attempt.id, {
      source: 'charge',
      token: newUuid(),
      outcome: notSent(),
    });
    expect(recorded).toEqual({ change: 'kept', status: 'sending' });
    expect(await harness.attempts(payment)).toHaveLength(1);
  });

  it('opens a case after three days instead of failing anything', async () => {
    harness = await createHarness([first, second], { start: false, schedule: CHECK_SCHEDULE });
    first.onStatus = () => unknown();
    const payment = await harness.pay();
    const { id } = await only(payment);
    await harness.routing.recorder.record(id, { source: 'charge', token: newUuid(), outcome: pending() });
    await harness.database.query(
      "UPDATE routing.attempt SET sent_at = now() - interval '73 hours', next_check_at = now()",
    );
    await harness.routing.payments.resolver.run();
    await eventually(async () => expect((await only(payment)).case_opened_at).not.toBeNull());
    expect((await only(payment)).status).toBe('pending');
    expect(await harness.state(payment)).toBe('routing');
  });
});
