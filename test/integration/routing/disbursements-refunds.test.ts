import { eventually } from '../../support/eventually.js';
import { createHarness, gate, plain, QUICK, start, UNHURRIED, type AttemptRow, type Harness } from './harness.js';
import { captured, ends, idOf, PayingGateway, refundOf } from './paying-gateway.js';
import { declined, notFound, notSent, pending, ScriptedGateway, succeeded, unknown } from './scripted-gateway.js';

let first: PayingGateway;
let second: PayingGateway;
let harness: Harness;

beforeEach(() => {
  first = new PayingGateway('first');
  second = new PayingGateway('second');
  first.onCharge = (request) => succeeded(request, { handles: { id: 'charge-1' } });
});
afterEach(() => harness.close());

const ended = (id: string, names: readonly string[]): Promise<void> =>
  eventually(async () => expect(await ends(harness, id)).toEqual(names));
async function refund(of: AttemptRow, change: Parameters<typeof refundOf>[1] = {}): Promise<string> {
  const funded = refundOf(of, change);
  await harness.handle([funded]);
  return idOf(funded);
}
async function only(id: string): Promise<AttemptRow> {
  const [attempt] = await harness.attempts(id);
  if (attempt === undefined) throw new Error('no attempt');
  return attempt;
}

describe('a refund', () => {
  it('goes to the account that captured the money, with what it called the charge', async () => {
    harness = await createHarness([second, first]);
    second.onCharge = () => declined(true);
    second.onStatus = () => declined(true);
    const charge = await captured(harness);
    expect(charge.gateway).toBe('first');
    const id = await refund(charge, { amount: 500 });
    await ended(id, ['disbursement_succeeded']);
    expect(first.refundRequests).toMatchObject([
      {
        reference: plain((await only(id)).id),
        charge: { reference: plain(charge.id), handles: { id: 'charge-1' }, amountMinor: 1_500n },
        amountMinor: 500n,
        currency: 'GHS',
        reason: 'Out of stock',
      },
    ]);
    expect(second.refundRequests).toHaveLength(0);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({ kind: 'refund', subject_id: id, amount: 500 });
  });

  it('that its gateway declines goes nowhere else', async () => {
    harness = await createHarness([first, second]);
    const charge = await captured(harness);
    first.onRefund = () => declined(true, 'too_late');
    const id = await refund(charge);
    await ended(id, ['disbursement_failed']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({ failure_code: 'too_late', attempts: 1 });
    expect(second.refundRequests).toHaveLength(0);
  });

  it('whose gateway cannot be reached waits until it can', async () => {
    harness = await createHarness([first]);
    const charge = await captured(harness);
    first.onRefund = () => notSent();
    const id = await refund(charge);
    await eventually(() => expect(first.refundRequests.length).toBeGreaterThan(1));
    expect(await ends(harness, id)).toEqual([]);
    first.onRefund = (request) => succeeded(request);
    await ended(id, ['disbursement_succeeded']);
    expect(new Set(first.refundRequests.map(({ reference }) => reference)).size).toBe(1);
    expect(await harness.attempts(id)).toHaveLength(1);
  });

  it('whose gateway cannot be reached for long fails', async () => {
    harness = await createHarness([first], { schedule: { ...QUICK, patienceMs: 300 } });
    const charge = await captured(harness);
    first.onRefund = () => notSent();
    // It is asked about once more after the end.
    first.onRefundStatus = () => notFound();
    const id = await refund(charge);
    await ended(id, ['disbursement_failed']);
    expect(first.refundRequests.length).toBeGreaterThan(1);
    expect(await only(id)).toMatchObject({ status: 'not_sent', blame: 'gateway' });
  });

  it('of a gateway that gives nothing back fails at once', async () => {
    harness = await createHarness([new ScriptedGateway('collects'), first]);
    const id = await refund(await captured(harness));
    await ended(id, ['disbursement_failed']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({
      failure_code: 'refund_not_supported',
      attempts: 0,
    });
    expect(await harness.state(id)).toBe('exhausted');
    expect(first.refundRequests).toHaveLength(0);
  });

  it('in part of a gateway that only gives back everything fails at once', async () => {
    first = new PayingGateway('first', { partial: false });
    harness = await createHarness([first]);
    const charge = await captured(harness);
    const part = await refund(charge, { amount: 1_499 });
    await ended(part, ['disbursement_failed']);
    expect((await harness.events(part)).at(-1)?.payload).toMatchObject({
      failure_code: 'partial_refund_not_supported',
    });
    await ended(await refund(charge), ['disbursement_succeeded']);
  });

  it('of a capture that is not known is not taken, so that the kernel brings it again', async () => {
    harness = await createHarness([first]);
    const charge = await captured(harness);
    const of = { ...charge, id: '018f0000-0000-7000-8000-0000000000ff' };
    await expect(harness.handle([refundOf(of)])).rejects.toThrow(/is not known/);
  });

  it('whose answer was lost is made once', async () => {
    harness = await createHarness([first]);
    const charge = await captured(harness);
    first.onRefund = () => unknown();
    first.onRefundStatus = () => notFound();
    const id = await refund(charge);
    await eventually(() => expect(first.refundQueries.length).toBeGreaterThan(3));
    expect(await only(id)).toMatchObject({ status: 'unknown' });
    expect(first.refundQueries[0]).toMatchObject({ charge: { handles: { id: 'charge-1' } }, knownIds: [] });
    expect(first.refundQueries[0]?.requestedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
    first.onRefundStatus = (query) => succeeded(query);
    await ended(id, ['disbursement_succeeded']);
    expect(first.refundRequests).toHaveLength(1);
  });
});

describe('two refunds of one charge', () => {
  it('are not in doubt at the same time where the gateway knows them only by what they look like', async () => {
    harness = await createHarness([first], { schedule: { ...QUICK, pausesMs: [50, 50, 50] } });
    const charge = await captured(harness);
    for (const process of [harness.another(), harness.another()]) start(process);
    let inDoubt = 0;
    let most = 0;
    const hold = gate();
    first.onRefund = async (request) => {
      inDoubt += 1;
      most = Math.max(most, inDoubt);
      await hold.opened;
      await new Promise((resolve) => setTimeout(resolve, 50));
      inDoubt -= 1;
      return succeeded(request, { handles: { id: `refund-${request.reference}` } });
    };
    const funded = Array.from({ length: 4 }, () => refundOf(charge, { amount: 100 }));
    await harness.handle(funded);
    await eventually(() => expect(first.refundRequests).toHaveLength(1));
    hold.open();
    for (const each of funded) await ended(idOf(each), ['disbursement_succeeded']);
    expect(most).toBe(1);
    expect(first.refundRequests).toHaveLength(4);
  });

  it('wait for one whose end nobody knows, and are told apart by the ids of those that are known', async () => {
    harness = await createHarness([first]);
    const charge = await captured(harness);
    first.onRefund = (request) => succeeded(request, { handles: { id: 'refund-1' } });
    await ended(await refund(charge, { amount: 100 }), ['disbursement_succeeded']);
    first.onRefund = () => unknown();
    first.onRefundStatus = () => unknown('http_503');
    const doubtful = await refund(charge, { amount: 100 });
    await eventually(async () => expect((await only(doubtful)).status).toBe('unknown'));
    const waiting = await refund(charge, { amount: 100 });
    await eventually(() => expect(first.refundQueries.length).toBeGreaterThan(3));
    expect(first.refundQueries.at(-1)?.knownIds).toEqual(['refund-1']);
    expect((await only(waiting)).status).toBe('planned');
    expect(first.refundRequests).toHaveLength(2);
    first.onRefund = (request) => succeeded(request, { handles: { id: 'refund-3' } });
    first.onRefundStatus = (query) => succeeded(query, { handles: { id: 'refund-2' } });
    await ended(waiting, ['disbursement_succeeded']);
    await ended(doubtful, ['disbursement_succeeded']);
  });

  it('go side by side where each has a reference of its own', async () => {
    first = new PayingGateway('first', { idempotent: true });
    harness = await createHarness([first], { schedule: UNHURRIED });
    const charge = await captured(harness);
    const hold = gate();
    first.onRefund = async (request) => {
      await hold.opened;
      return succeeded(request);
    };
    const funded = [refundOf(charge, { amount: 100 }), refundOf(charge, { amount: 100 })];
    await harness.handle(funded);
    await eventually(() => expect(first.refundRequests).toHaveLength(2));
    hold.open();
    for (const each of funded) await ended(idOf(each), ['disbursement_succeeded']);
  });

  it('are both asked about when a webhook names nothing but their charge', async () => {
    harness = await createHarness([first], { schedule: UNHURRIED });
    const charge = await captured(harness);
    first.onRefund = (request) => ({ ...pending(), handles: { id: request.reference } });
    const one = await refund(charge, { amount: 100 });
    await eventually(async () => expect((await only(one)).status).toBe('pending'));
    const other = await refund(charge, { amount: 200 });
    await eventually(async () => expect((await only(other)).status).toBe('pending'));
    first.onRefundStatus = (query) => (query.amountMinor === 100n ? succeeded(query) : pending());
    await harness.webhook(first, undefined, {
      about: 'refund',
      event: 'refund.processed.success',
      handles: { charge_reference: `w-${plain(charge.id)}` },
    });
    await ended(one, ['disbursement_succeeded']);
    expect(await ends(harness, other)).toEqual([]);
    await eventually(() => expect(first.refundQueries).toHaveLength(2));
    await eventually(async () =>
      expect(await harness.database.query('SELECT outcome FROM routing.gateway_webhook')).toEqual([
        { outcome: 'refunds_asked' },
      ]),
    );
  });

  it('that was declined and is paid after all is found, when a webhook says that one of its charge was', async () => {
    harness = await createHarness([first], { schedule: UNHURRIED });
    const charge = await captured(harness);
    first.onRefund = () => declined(false, 'failed');
    const id = await refund(charge, { amount: 100 });
    await ended(id, ['disbursement_failed']);
    first.onRefundStatus = (query) => succeeded(query);
    const tell = (event: string) =>
      harness.webhook(first, undefined, {
        about: 'refund',
        event,
        handles: { charge_reference: `w-${plain(charge.id)}` },
      });
    await tell('refund.failed');
    await eventually(async () =>
      expect(await harness.database.query('SELECT outcome FROM routing.gateway_webhook')).toEqual([
        { outcome: 'unmatched' },
      ]),
    );
    expect(first.refundQueries).toHaveLength(0);
    await tell('refund.processed.success');
    await ended(id, ['disbursement_failed', 'disbursement_succeeded']);
  });
});
