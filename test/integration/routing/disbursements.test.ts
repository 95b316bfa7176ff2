import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Database } from '../../../src/kernel/database/database.js';
import { claimDisbursements } from '../../../src/modules/routing/disbursements.store.js';
import { eventually } from '../../support/eventually.js';
import { createHarness, gate, MOMO, plain, QUICK, start, UNHURRIED, type AttemptRow, type Harness } from './harness.js';
import { ends, idOf, payOut, PayingGateway, payoutOf, returned } from './paying-gateway.js';
import { declined, notFound, notSent, pending, succeeded, unknown } from './scripted-gateway.js';

let first: PayingGateway;
let second: PayingGateway;
let harness: Harness;

beforeEach(() => {
  first = new PayingGateway('first', { returns: true });
  second = new PayingGateway('second');
});
afterEach(() => harness.close());

const attempts = (id: string): Promise<AttemptRow[]> => harness.attempts(id);
const statuses = async (id: string): Promise<string[]> => (await attempts(id)).map(({ status }) => status);
async function only(id: string): Promise<AttemptRow> {
  const [attempt] = await attempts(id);
  if (attempt === undefined) throw new Error('no attempt');
  return attempt;
}
const ended = (id: string, names: readonly string[]): Promise<void> =>
  eventually(async () => expect(await ends(harness, id)).toEqual(names));

describe('a payout', () => {
  it('is sent once, through the preferred account, and told of', async () => {
    harness = await createHarness([first, second]);
    const id = await payOut(harness);
    await ended(id, ['disbursement_succeeded']);
    expect(first.payoutRequests).toMatchObject([
      {
        reference: plain((await only(id)).id),
        amountMinor: 1_000n,
        currency: 'GHS',
        destination: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
        callbackUrl: 'http://127.0.0.1:1/webhooks/first/main',
      },
    ]);
    // Without a narration of its own, the receiver is told the merchant's reference.
    expect(first.payoutRequests[0]?.narration).toHaveLength(36);
    expect(second.payoutRequests).toHaveLength(0);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({
      kind: 'payout',
      subject_id: id,
      amount: 1_000,
      currency: 'GHS',
      gateway_fee: 10,
      attempt: { status: 'succeeded', gateway: 'first', reference: `o-${plain((await only(id)).id)}` },
    });
  });

  it('to a bank names the bank as gateways do', async () => {
    harness = await createHarness([first]);
    const id = await payOut(harness, {
      destination: { type: 'bank_account', bank_code: '058', account_number: '0123456789', name: 'Ama' },
    });
    await ended(id, ['disbursement_succeeded']);
    expect(first.payoutRequests[0]?.destination).toEqual({
      type: 'bank_account',
      bankCode: '058',
      accountNumber: '0123456789',
      name: 'Ama',
    });
  });

  it('that is announced twice, also in one batch, is sent once', async () => {
    harness = await createHarness([first]);
    const funded = payoutOf();
    await harness.handle([funded, funded]);
    await harness.handle([funded]);
    await ended(idOf(funded), ['disbursement_succeeded']);
    expect(first.payoutRequests).toHaveLength(1);
  });

  it('whose answer was lost after it was paid is never paid again, there or elsewhere', async () => {
    harness = await createHarness([first, second]);
    first.onPayout = () => unknown();
    first.onPayoutStatus = () => unknown('http_503');
    const id = await payOut(harness);
    await eventually(async () => expect(await statuses(id)).toEqual(['unknown']));
    await eventually(() => expect(first.payoutQueries.length).toBeGreaterThan(2));
    expect(await ends(harness, id)).toEqual([]);
    first.onPayoutStatus = (query) => succeeded(query);
    await ended(id, ['disbursement_succeeded']);
    expect(first.payoutRequests).toHaveLength(1);
    expect(second.payoutRequests).toHaveLength(0);
  });

  it.each([
    ['unknown', () => unknown()],
    ['pending', () => pending()],
  ])('that is %s keeps everything waiting, whatever its age', async (status, answer) => {
    harness = await createHarness([first, second], { schedule: { ...QUICK, caseAfterMs: 200 } });
    first.onPayout = answer;
    first.onPayoutStatus = () => (status === 'unknown' ? notFound() : pending());
    const id = await payOut(harness);
    await eventually(async () => expect((await only(id)).case_opened_at).not.toBeNull());
    expect(await statuses(id)).toEqual([status]);
    expect(await ends(harness, id)).toEqual([]);
    expect(second.payoutRequests).toHaveLength(0);
  });

  it.each([
    ['declines it for a reason that another can help with', () => declined(true), () => declined(true)],
    ['was never reached', () => notSent(), () => notFound()],
  ])('goes to the next account when the first %s', async (_, answer, answerWhenAsked) => {
    harness = await createHarness([first, second]);
    first.onPayout = answer;
    // On a busy machine the first question may come before the answer is written down.
    first.onPayoutStatus = answerWhenAsked;
    const id = await payOut(harness);
    await ended(id, ['disbursement_succeeded']);
    expect(second.payoutRequests).toHaveLength(1);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({ attempt: { gateway: 'second' } });
  });

  it('fails where the receiver cannot be paid, and goes nowhere else', async () => {
    harness = await createHarness([first, second]);
    first.onPayout = () => declined(false, 'account_closed');
    const id = await payOut(harness);
    await ended(id, ['disbursement_failed']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({ failure_code: 'account_closed', attempts: 1 });
    expect(second.payoutRequests).toHaveLength(0);
  });

  it('fails with the last reason when every account declined it', async () => {
    harness = await createHarness([first, second]);
    first.onPayout = () => declined(true, 'down');
    second.onPayout = () => declined(true, 'down_too');
    const id = await payOut(harness);
    await ended(id, ['disbursement_failed']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({ failure_code: 'down_too', attempts: 2 });
  });

  it('that nobody can pay fails at once', async () => {
    harness = await createHarness([first]);
    const id = await payOut(harness, {
      destination: { ...MOMO, type: 'mobile_money', network: 'telecel', phone: '+2330', name: 'A' },
    });
    await ended(id, ['disbursement_failed']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({
      failure_code: 'no_gateway_available',
      attempts: 0,
    });
    expect(await attempts(id)).toEqual([]);
  });

  it('is proven unpaid by "not found" where the gateway allows that, and then goes on; a late success is told as a duplicate', async () => {
    first = new PayingGateway('first', { notFoundTrustedAfterMs: 0 });
    harness = await createHarness([first, second]);
    first.onPayout = () => unknown();
    first.onPayoutStatus = () => notFound();
    const id = await payOut(harness);
    await ended(id, ['disbursement_succeeded']);
    expect(await statuses(id)).toEqual(['not_sent', 'succeeded']);
    first.onPayoutStatus = (query) => succeeded(query);
    await ended(id, ['disbursement_succeeded', 'disbursement_duplicated']);
    expect(await statuses(id)).toEqual(['surplus', 'succeeded']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({ attempt: { gateway: 'first' }, amount: 1_000 });
  });

  it('is sent once more under the same reference only where the gateway refuses duplicates', async () => {
    first = new PayingGateway('first', { idempotent: true });
    harness = await createHarness([first]);
    let calls = 0;
    first.onPayout = (request) => {
      calls += 1;
      return calls === 1 ? unknown() : succeeded(request);
    };
    first.onPayoutStatus = () => notFound();
    const id = await payOut(harness);
    await ended(id, ['disbursement_succeeded']);
    expect(new Set(first.payoutRequests.map(({ reference }) => reference)).size).toBe(1);
    expect(first.payoutRequests).toHaveLength(2);
  });

  it('that succeeds after it was given up has succeeded all the same', async () => {
    harness = await createHarness([first]);
    first.onPayout = () => declined(true);
    const id = await payOut(harness);
    await ended(id, ['disbursement_failed']);
    first.onPayoutStatus = (query) => succeeded(query);
    await harness.webhook(first, plain((await only(id)).id), { about: 'payout', event: 'transfer.success' });
    await ended(id, ['disbursement_failed', 'disbursement_succeeded']);
    expect(await only(id)).toMatchObject({ status: 'succeeded', late: true });
  });

  it.each([
    ['amount', { amountMinor: 999n }],
    ['currency', { currency: 'NGN' }],
    ['reference', { reference: 'x' }],
  ] as const)('of another %s is quarantined, and stops everything else', async (reason, change) => {
    harness = await createHarness([first, second]);
    first.onPayout = (request) => succeeded(request, change);
    const id = await payOut(harness);
    await ended(id, ['disbursement_quarantined']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({ reason });
    expect(second.payoutRequests).toHaveLength(0);
  });
});

describe('a payout that comes back', () => {
  it('after its success is told as returned, found by looking again', async () => {
    harness = await createHarness([first, second]);
    first.onPayoutStatus = returned;
    const id = await payOut(harness);
    await ended(id, ['disbursement_succeeded', 'disbursement_returned']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({
      amount: 1_000,
      currency: 'GHS',
      attempt: { status: 'returned' },
    });
    expect(second.payoutRequests).toHaveLength(0);
    expect((await only(id)).next_check_at).toBeNull();
  });

  it('is seen through a webhook too, where nobody looks by schedule', async () => {
    harness = await createHarness([second]);
    const id = await payOut(harness);
    await ended(id, ['disbursement_succeeded']);
    expect((await only(id)).next_check_at).toBeNull();
    second.onPayoutStatus = returned;
    await harness.webhook(second, plain((await only(id)).id), { about: 'payout', event: 'transfer.reversed' });
    await harness.webhook(second, plain((await only(id)).id), { about: 'payout', event: 'transfer.reversed' });
    await ended(id, ['disbursement_succeeded', 'disbursement_returned']);
  });

  it('before anybody saw it paid is a plain failure', async () => {
    harness = await createHarness([first, second]);
    first.onPayout = () => pending();
    first.onPayoutStatus = returned;
    const id = await payOut(harness);
    await ended(id, ['disbursement_failed']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({ failure_code: 'reversed' });
    expect(second.payoutRequests).toHaveLength(0);
  });

  it('is looked for no longer than the schedule says', async () => {
    harness = await createHarness([first]);
    const id = await payOut(harness);
    await ended(id, ['disbursement_succeeded']);
    await eventually(async () => expect((await only(id)).next_check_at).toBeNull());
    expect(first.payoutQueries).toHaveLength(QUICK.afterSuccessMs.length);
    expect(await only(id)).toMatchObject({ status: 'succeeded' });
  });

  it('though another had paid it too leaves the one that the receiver has', async () => {
    first = new PayingGateway('first', { notFoundTrustedAfterMs: 0, returns: true });
    harness = await createHarness([first, second]);
    first.onPayout = () => unknown();
    first.onPayoutStatus = () => notFound();
    const id = await payOut(harness);
    await ended(id, ['disbursement_succeeded']);
    first.onPayoutStatus = (query) => succeeded(query);
    await ended(id, ['disbursement_succeeded', 'disbursement_duplicated']);
    first.onPayoutStatus = returned;
    await ended(id, ['disbursement_succeeded', 'disbursement_duplicated', 'disbursement_recovered']);
    expect(await statuses(id)).toEqual(['returned', 'succeeded']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({ attempt: { gateway: 'first' }, amount: 1_000 });
  });
});

describe('processes that die', () => {
  it('before the claim leave a payout that another sends, once', async () => {
    harness = await createHarness([first], { start: false });
    const id = await payOut(harness);
    expect(await statuses(id)).toEqual(['planned']);
    await harness.passTime((await only(id)).id, 60);
    const processes = [harness.another(), harness.another()];
    for (const process of processes) start(process);
    await ended(id, ['disbursement_succeeded']);
    expect(first.payoutRequests).toHaveLength(1);
  });

  it('between the claim and the call leave one that is asked about, and never sent again where that could pay twice', async () => {
    harness = await createHarness([first, second], { start: false });
    const id = await payOut(harness);
    const attempt = await only(id);
    const pool = new Database({ url: harness.database.url, owner: 'routing', poolSize: 1 });
    await claimDisbursements(pool, [{ attemptId: attempt.id, token: newUuid() }], 5_000, []);
    await pool.close();
    await harness.passTime(attempt.id, 60);
    first.onPayoutStatus = () => notFound();
    start(harness.another());
    await eventually(async () => expect(await only(id)).toMatchObject({ status: 'unknown', interrupted: true }));
    await eventually(() => expect(first.payoutQueries.length).toBeGreaterThan(4));
    expect(first.payoutRequests).toHaveLength(0);
    expect(second.payoutRequests).toHaveLength(0);
    expect(await ends(harness, id)).toEqual([]);
    first.onPayoutStatus = (query) => succeeded(query);
    await ended(id, ['disbursement_succeeded']);
  });
});

describe('many payouts', () => {
  it('take few places at their gateway, and let a payment through', async () => {
    harness = await createHarness([first], { schedule: UNHURRIED });
    const hold = gate();
    let together = 0;
    let most = 0;
    first.onPayout = async (request) => {
      together += 1;
      most = Math.max(most, together);
      await hold.opened;
      together -= 1;
      return succeeded(request);
    };
    const funded = Array.from({ length: 300 }, () => payoutOf());
    await harness.handle(funded);
    await eventually(() => expect(together).toBe(16));
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(together).toBe(16);
    hold.open();
    await eventually(() => expect(first.payoutRequests).toHaveLength(300));
    expect(most).toBe(16);
  });

  it('that are all due do not stand before the checks of payments', async () => {
    harness = await createHarness([first], { start: false });
    first.onCharge = () => pending();
    await harness.handle(Array.from({ length: 600 }, () => payoutOf()));
    await harness.database.query("UPDATE routing.attempt SET next_check_at = now() - interval '1 hour'");
    const payment = await harness.pay();
    const [attempt] = await attempts(payment);
    await harness.passTime(attempt?.id ?? '', 10);
    // One look for payments takes what is due of payments, although hundreds of others have been due for longer.
    const process = harness.another();
    process.payments.sender.start();
    await process.payments.resolver.run();
    await eventually(() => expect(first.charges).toHaveLength(1));
    expect(first.payoutRequests).toHaveLength(0);
  });

  it('that fail do not close their gateway to payments', async () => {
    harness = await createHarness([first, second], { schedule: UNHURRIED });
    first.onPayout = () => declined(true);
    for (let n = 0; n < 12; n += 1) await payOut(harness);
    const account = (await harness.routing.accounts.all()).find(({ gateway }) => gateway === 'first');
    await eventually(() => expect(harness.routing.disbursementBreakers.accountState(account?.id ?? '')).toBe('open'));
    expect(harness.routing.breakers.accountState(account?.id ?? '')).toBe('closed');
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(first.charges).toHaveLength(1);
    const before = first.payoutRequests.length;
    await ended(await payOut(harness), ['disbursement_succeeded']);
    expect(first.payoutRequests).toHaveLength(before);
  });
});
