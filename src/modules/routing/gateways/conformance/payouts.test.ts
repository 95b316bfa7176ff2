/** The conformance suite (see `charges.test.ts`), third part: paying out, and the balance that it comes from. */
import type { Currency } from '../../../../kernel/money/money.js';
import { startSandbox } from '../../../../sandbox/sandbox.js';
import type { GatewayAccount, GatewayAdapter } from '../gateway-adapter.js';
import type { MoneyOutOutcome, PayoutDestination, PayoutQuery, PayoutRequest } from '../gateway-parts.js';
import { eventually } from '../testing/sandbox-control.js';
import { sideBySide } from './side-by-side.js';
import { subjects, type Subject, type PayoutCase } from './subjects.js';
import { DOUBTS, must, newReference, startWorld, type LedgerLine } from './world.js';

const world = startWorld(startSandbox);
const { control } = world;

/** No two payouts have one amount: Monnify takes the same one to the same account once in two minutes only. */
let raised = 0n;
const raise = (amountMinor: bigint): bigint => amountMinor + (raised += 1n);

/** The sandbox's receivers whose numbers end so cannot be paid. */
function deadEnd(destination: PayoutDestination): PayoutDestination {
  const ending = (number: string): string => `${number.slice(0, -4)}9901`;
  return destination.type === 'mobile_money'
    ? { ...destination, phone: ending(destination.phone) }
    : { ...destination, accountNumber: ending(destination.accountNumber) };
}

const everywhere = sideBySide();

for (const subject of subjects) payoutsAt(subject);
everywhere.run();

function payoutsAt(subject: Subject): void {
  const ask = everywhere.at(subject.gateway);
  const { account, adapter, callbackUrl, fault, heal, moved, received, wrongAccount } = world.at(subject);

  ask('is offered where its API has one, and nowhere else', () => {
    expect(adapter().payouts !== undefined).toBe(subject.payouts !== undefined);
    expect(adapter().float !== undefined).toBe(subject.payouts?.tellsBalance ?? false);
  });

  const traits = subject.payouts;
  if (traits === undefined) return;

  const [first] = traits.cases;
  const accountFor = ({ environment }: PayoutCase): GatewayAccount =>
    account(
      environment === undefined ? {} : { credentials: { ...subject.credentials, target_environment: environment } },
    );
  const request = (over: Partial<PayoutRequest> = {}): PayoutRequest => ({
    reference: newReference(),
    amountMinor: raise(first.amountMinor),
    currency: first.currency,
    destination: first.destination,
    narration: 'Wages',
    callbackUrl: callbackUrl(),
    timeoutMs: 2_000,
    ...over,
  });
  const query = (asked: PayoutRequest, over: Partial<PayoutQuery> = {}): PayoutQuery => ({
    reference: asked.reference,
    handles: {},
    amountMinor: asked.amountMinor,
    currency: asked.currency,
    destinationType: asked.destination.type,
    timeoutMs: 2_000,
    ...over,
  });
  const payouts = (): NonNullable<GatewayAdapter['payouts']> => must(adapter().payouts);
  const payout = (asked: PayoutRequest, on = account()): Promise<MoneyOutOutcome> => payouts().payout(on, asked);
  const status = (asked: PayoutRequest, over: Partial<PayoutQuery> = {}, on = account()): Promise<MoneyOutOutcome> =>
    payouts().status(on, query(asked, over));
  const settled = (asked: PayoutRequest, on = account()): Promise<MoneyOutOutcome> =>
    eventually(async () => {
      const outcome = await status(asked, {}, on);
      return outcome.kind === 'pending' ? undefined : outcome;
    });
  const paid = (asked: PayoutRequest, kind = 'payout'): Promise<LedgerLine[]> =>
    moved(kind, payouts().writtenReference(asked.reference));
  /** Undefined where the gateway does not tell. */
  const balance = async (currency: Currency, on = account()): Promise<bigint | undefined> => {
    if (!traits.tellsBalance) return undefined;
    const told = await must(adapter().float).balances(on, 2_000);
    if (told.kind === 'failed') throw new Error(told.code);
    return must(told.balances.find((one) => one.currency === currency)).availableMinor;
  };

  for (const wanted of traits.cases) {
    const { currency, destination } = wanted;
    ask(`in ${currency} to a ${destination.type} arrives, and the balance falls by it`, async () => {
      const on = accountFor(wanted);
      const asked = request({ currency, destination, amountMinor: raise(wanted.amountMinor) });
      const before = await balance(currency, on);
      expect(['pending', 'succeeded']).toContain((await payout(asked, on)).kind);
      const outcome = await settled(asked, on);
      const { amountMinor, reference } = asked;
      expect(outcome).toMatchObject({ kind: 'succeeded', amountMinor, currency, reference });
      expect(await paid(asked)).toMatchObject([{ amount: Number(amountMinor), currency }]);
      expect(await balance(currency, on)).toBe(before === undefined ? undefined : before - amountMinor);
      if (outcome.kind === 'succeeded') expect(await status(asked, { handles: outcome.handles }, on)).toEqual(outcome);
    });
  }

  ask('comes from the balance that the sandbox has', async () => {
    if (!traits.tellsBalance) return;
    await control('POST', '/_float', { gateway: subject.gateway, currency: first.currency, amount: 12_345_600 });
    expect(await balance(first.currency)).toBe(12_345_600n);
  });

  for (const [name, isMade] of DOUBTS)
    ask(`is in doubt under ${name}, and found or not by asking, never made twice`, async () => {
      // Paystack makes its receiver known first.
      const asked = request({ timeoutMs: 600 });
      await fault(name, { on: 'payout' });
      expect((await payout(asked)).kind).toBe('unknown');
      await heal();
      if (isMade) expect(await settled(asked)).toMatchObject({ kind: 'succeeded', amountMinor: asked.amountMinor });
      else expect(['not_found', 'unknown']).toContain((await status(asked)).kind);
      expect(await paid(asked)).toHaveLength(isMade ? 1 : 0);
    });

  ask('says that it does not know a reference that it never got', async () => {
    expect((await status(request())).kind).toBe('not_found');
  });

  ask('is not made twice under one reference', async () => {
    const asked = request();
    await payout(asked);
    await settled(asked);
    expect(traits.second).toContain((await payout(asked)).kind);
    expect(await paid(asked)).toHaveLength(1);
  });

  ask('that was declined is over, and nothing moved', async () => {
    await fault('decline', { on: 'payout' });
    const asked = request();
    await payout(asked);
    expect((await settled(asked)).kind).toBe('declined');
    expect(await paid(asked)).toEqual([]);
  });

  ask('that cannot arrive says so', async () => {
    const asked = request({ destination: deadEnd(first.destination) });
    await payout(asked);
    expect(await settled(asked)).toMatchObject(traits.failed);
    expect(await paid(asked)).toEqual([]);
  });

  ask('that came back is told as returned, and the balance has it again', async () => {
    if (!traits.returns) return;
    const before = await balance(first.currency);
    await fault('returned', { on: 'payout', ms: 50 });
    const asked = request();
    await payout(asked);
    const outcome = await eventually(async () => {
      const seen = await status(asked);
      return seen.kind === 'returned' ? seen : undefined;
    });
    expect(outcome).toMatchObject({ kind: 'returned', code: expect.stringMatching(/^reversed$/i) as string });
    expect([await paid(asked), await paid(asked, 'payout_return')]).toMatchObject([[{}], [{}]]);
    expect(await balance(first.currency)).toBe(before);
  });

  ask('that our float does not cover moves nothing, and leaves the way to another gateway open', async () => {
    await control('POST', '/_float', { gateway: subject.gateway, currency: first.currency, amount: 0 });
    const asked = request();
    const answered = await payout(asked);
    const outcome = answered.kind === 'pending' ? await settled(asked) : answered;
    expect(outcome).toMatchObject(traits.broke);
    expect(outcome.kind === 'not_sent' || (outcome.kind === 'declined' && outcome.retryable)).toBe(true);
    expect(await paid(asked)).toEqual([]);
  });

  ask('is not sent with wrong credentials, nor to a closed door', async () => {
    const asked = request();
    expect(await payout(asked, wrongAccount())).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
    expect((await status(asked, {}, wrongAccount())).kind).toBe('not_sent');
    if (traits.tellsBalance) expect((await must(adapter().float).balances(wrongAccount(), 2_000)).kind).toBe('failed');
    await fault('refuse');
    expect(await payout(asked)).toMatchObject({ kind: 'not_sent', blame: 'gateway' });
    expect(await paid(asked)).toEqual([]);
  });

  ask('is found in a genuine webhook, where the gateway sends one', async () => {
    if (!traits.isTold) return;
    const asked = request();
    await payout(asked);
    const hint = await eventually(() =>
      received()
        .map((hook) => adapter().verifyWebhook(account(), hook))
        .map((verdict) => (verdict.grade === 'rejected' ? null : verdict.hint))
        .find((found) => found?.about === 'payout'),
    );
    expect(hint).toMatchObject({ reference: asked.reference, eventType: expect.stringMatching(/success/i) as string });
    expect(await status(asked, { handles: hint?.handles ?? {} })).toMatchObject({
      kind: 'succeeded',
      reference: asked.reference,
    });
  });
}

describe("Monnify's guard of two minutes", () => {
  it('refuses another payout of the same amount to the same account, which is then unknown to it', async () => {
    const subject = must(subjects.find(({ gateway }) => gateway === 'monnify'));
    const { account, adapter, moved } = world.at(subject);
    const [{ currency, destination }] = must(subject.payouts).cases;
    const request = (): PayoutRequest => ({
      reference: newReference(),
      amountMinor: 777_700n,
      currency,
      destination,
      narration: 'Wages',
      callbackUrl: '',
      timeoutMs: 2_000,
    });
    const second = request();
    await adapter().payouts?.payout(account(), request());
    expect(await adapter().payouts?.payout(account(), second)).toEqual({
      kind: 'not_sent',
      code: 'D07',
      blame: 'gateway',
    });
    expect(await moved('payout', second.reference)).toEqual([]);
  });
});
