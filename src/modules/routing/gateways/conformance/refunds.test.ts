/** The conformance suite (see `charges.test.ts`), second part: giving back. */
import { startSandbox } from '../../../../sandbox/sandbox.js';
import type { ChargeRequest, GatewayAdapter } from '../gateway-adapter.js';
import type { MoneyOutOutcome, RefundedCharge, RefundQuery, RefundRequest } from '../gateway-parts.js';
import { eventually } from '../testing/sandbox-control.js';
import { sideBySide } from './side-by-side.js';
import { subjects, type Subject } from './subjects.js';
import { DOUBTS, must, newReference, startWorld, type LedgerLine } from './world.js';

const world = startWorld(startSandbox);

const everywhere = sideBySide();

for (const subject of subjects) refundsAt(subject);
everywhere.run();

function refundsAt(subject: Subject): void {
  const ask = everywhere.at(subject.gateway);
  const { account, adapter, callbackUrl, fault, heal, moved, received, wrongAccount } = world.at(subject);

  ask('is offered where its API has one, and nowhere else', () => {
    expect(adapter().refunds !== undefined).toBe(subject.refunds !== undefined);
  });

  const traits = subject.refunds;
  if (traits === undefined) return;

  const [{ amountMinor: charged, currency, method }] = subject.cases;

  /** A charge that was paid, with everything that its success told. */
  const paidCharge = async (): Promise<RefundedCharge> => {
    const charge: ChargeRequest = {
      reference: newReference(),
      currency,
      amountMinor: charged,
      method,
      customer: {},
      description: null,
      returnUrl: null,
      callbackUrl: callbackUrl(),
      timeoutMs: 2_000,
    };
    await adapter().charge(account(), charge);
    return eventually(async () => {
      const outcome = await adapter().status(account(), { ...charge, handles: {}, methodType: method.type });
      if (outcome.kind !== 'succeeded') return undefined;
      return { reference: charge.reference, handles: outcome.handles, amountMinor: charged };
    });
  };
  const request = (charge: RefundedCharge, over: Partial<RefundRequest> = {}): RefundRequest => ({
    reference: newReference(),
    charge,
    amountMinor: charge.amountMinor,
    currency,
    reason: 'Out of stock',
    callbackUrl: callbackUrl(),
    timeoutMs: 2_000,
    ...over,
  });
  const query = (asked: RefundRequest, over: Partial<RefundQuery> = {}): RefundQuery => ({
    reference: asked.reference,
    handles: {},
    charge: asked.charge,
    amountMinor: asked.amountMinor,
    currency: asked.currency,
    requestedAt: new Date(),
    knownIds: [],
    timeoutMs: 2_000,
    ...over,
  });
  const refunds = (): NonNullable<GatewayAdapter['refunds']> => must(adapter().refunds);
  const refund = (asked: RefundRequest, on = account()): Promise<MoneyOutOutcome> => refunds().refund(on, asked);
  const status = (asked: RefundRequest, over: Partial<RefundQuery> = {}, on = account()): Promise<MoneyOutOutcome> =>
    refunds().status(on, query(asked, over));
  /** Asks until the end is known. */
  const settled = (asked: RefundRequest): Promise<MoneyOutOutcome> =>
    eventually(async () => {
      const outcome = await status(asked);
      const isOpen = outcome.kind === 'pending' || (outcome.kind === 'not_found' && traits.isFoundWhenMade === true);
      return isOpen ? undefined : outcome;
    });
  /** The sandbox tells the refunds of a charge by the charge's reference, whether or not they have one of their own. */
  const refunded = (asked: RefundRequest): Promise<LedgerLine[]> =>
    moved('refund', adapter().writtenReference(asked.charge.reference));
  /** A tenth, where that can be given back. */
  const part = (): bigint => (refunds().partial ? charged / 10n : charged);

  ask('gives back everything and reports exactly what moved', async () => {
    const asked = request(await paidCharge());
    expect(['pending', 'succeeded']).toContain((await refund(asked)).kind);
    const outcome = await settled(asked);
    expect(outcome).toMatchObject({ kind: 'succeeded', amountMinor: charged, currency, reference: asked.reference });
    expect(await refunded(asked)).toMatchObject([{ amount: Number(charged), currency }]);
    if (outcome.kind === 'succeeded') expect(await status(asked, { handles: outcome.handles })).toEqual(outcome);
  });

  ask('gives back a part where that is offered, and nothing where it is not', async () => {
    const asked = request(await paidCharge(), { amountMinor: charged / 3n });
    const first = await refund(asked);
    if (!refunds().partial) {
      expect(first).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
      expect(await refunded(asked)).toEqual([]);
      return;
    }
    const outcome = await settled(asked);
    expect(outcome).toMatchObject({ kind: 'succeeded', amountMinor: charged / 3n, reference: asked.reference });
    expect(await refunded(asked)).toMatchObject([{ amount: Number(charged / 3n), currency }]);
    if (outcome.kind === 'succeeded') expect(await status(asked, { handles: outcome.handles })).toEqual(outcome);
  });

  ask('finds its charge by the reference alone', async () => {
    const asked = request({ ...(await paidCharge()), handles: {} });
    expect(['pending', 'succeeded']).toContain((await refund(asked)).kind);
    expect((await settled(asked)).kind).toBe('succeeded');
  });

  ask('is told apart from another one of the same charge and amount', async () => {
    if (!refunds().partial) return;
    const charge = await paidCharge();
    const one = request(charge, { amountMinor: part() });
    const other = request(charge, { amountMinor: part() });
    await refund(one);
    await refund(other);
    const [first, second] = [await settled(one), await settled(other)];
    expect([first, second]).toMatchObject([
      { kind: 'succeeded', reference: one.reference },
      { kind: 'succeeded', reference: other.reference },
    ]);
    // Monnify has no id but ours.
    if (first.kind === 'succeeded' && second.kind === 'succeeded' && Object.keys(first.handles).length > 0)
      expect(first.handles).not.toEqual(second.handles);
  });

  for (const [name, isMade] of DOUBTS)
    ask(`is in doubt under ${name}, and found or not by asking, never made twice`, async () => {
      const asked = request(await paidCharge(), { amountMinor: part(), timeoutMs: 400 });
      await fault(name, { on: 'refund' });
      const first = await refund(asked);
      // Who is never told anything but "yes" cannot tell nonsense from it.
      expect(['unknown', ...(traits.isBare && name === 'garbage' ? ['pending'] : [])]).toContain(first.kind);
      await heal();
      if (isMade) expect(await settled(asked)).toMatchObject({ kind: 'succeeded', amountMinor: part() });
      else expect(['not_found', 'unknown']).toContain((await status(asked)).kind);
      expect(await refunded(asked)).toHaveLength(isMade ? 1 : 0);
    });

  ask('is not found, or in doubt, where none was asked for', async () => {
    expect(['not_found', 'unknown']).toContain((await status(request(await paidCharge()))).kind);
  });

  ask('is not made again where the gateway refuses a reference twice', async () => {
    const asked = request(await paidCharge(), { amountMinor: part() });
    await refund(asked);
    await settled(asked);
    if (!refunds().idempotent) return;
    expect((await refund(asked)).kind).toBe('duplicate');
    expect(await refunded(asked)).toHaveLength(1);
  });

  ask('that failed is over, and nothing moved', async () => {
    if (traits.isBare) return;
    const asked = request(await paidCharge());
    await fault('decline', { on: 'refund' });
    await refund(asked);
    expect(await settled(asked)).toMatchObject({ kind: 'declined' });
    expect(await refunded(asked)).toEqual([]);
  });

  ask('is not made of more than was taken, at once or in two', async () => {
    const charge = await paidCharge();
    const more = request(charge, { amountMinor: charged + 1n });
    const outcome = await refund(more);
    if (outcome.kind === 'pending') expect((await settled(more)).kind).toBe('declined');
    else expect(outcome).toMatchObject({ kind: 'not_sent' });
    expect(await refunded(more)).toEqual([]);

    const whole = request(charge);
    await refund(whole);
    expect((await settled(whole)).kind).toBe('succeeded');
    const again = request(charge);
    const second = await refund(again);
    if (second.kind === 'pending') expect((await settled(again)).kind).toBe('declined');
    else expect(['not_sent', 'unknown', 'declined']).toContain(second.kind);
    expect(await refunded(whole)).toHaveLength(1);
  });

  ask('is not sent with wrong credentials, nor to a closed door', async () => {
    const asked = request(await paidCharge());
    expect(await refund(asked, wrongAccount())).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
    expect((await status(asked, {}, wrongAccount())).kind).toBe('not_sent');
    await fault('refuse');
    expect(await refund(asked)).toMatchObject({ kind: 'not_sent', blame: 'gateway' });
    expect(await refunded(asked)).toEqual([]);
  });

  ask('is found in a genuine webhook, where the gateway sends one', async () => {
    if (!traits.isTold) return;
    const asked = request(await paidCharge());
    await refund(asked);
    const hint = await eventually(() =>
      received()
        .map((hook) => adapter().verifyWebhook(account(), hook))
        .map((verdict) => (verdict.grade === 'rejected' ? null : verdict.hint))
        .find((found) => found?.about === 'refund' && /success/i.test(found.eventType)),
    );
    expect(hint?.reference ?? asked.reference).toBe(asked.reference);
    expect(hint?.handles['charge_reference'] ?? asked.charge.reference).toBe(asked.charge.reference);
  });
}
