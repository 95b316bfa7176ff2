/**
 * One suite over every gateway, against the sandbox, which was written from the same documents without knowing the adapters:
 * where both agree, the protocol is understood. The sandbox's own books say what really moved. Here: taking payments.
 */
import { startSandbox } from '../../../../sandbox/sandbox.js';
import type { ChargeRequest, GatewayAccount, GatewayOutcome, StatusQuery } from '../gateway-adapter.js';
import { eventually } from '../testing/sandbox-control.js';
import { sideBySide } from './side-by-side.js';
import { subjects, type Subject, type ChargeCase } from './subjects.js';
import { DOUBTS, must, newReference, startWorld } from './world.js';

const world = startWorld(startSandbox);

/** What the gateways called the charges that they took, by our references. */
const handlesOf = new Map<string, Readonly<Record<string, string>>>();

const everywhere = sideBySide();

for (const subject of subjects) chargesAt(subject);
everywhere.run();

function chargesAt(subject: Subject): void {
  const ask = everywhere.at(subject.gateway);
  const place = world.at(subject);
  const { account, adapter, callbackUrl, fault, heal, received, wrongAccount } = place;
  const accountFor = ({ environment, country }: ChargeCase): GatewayAccount =>
    account({
      credentials: {
        ...subject.credentials,
        ...(environment === undefined ? {} : { target_environment: environment }),
        ...(country === undefined ? {} : { country }),
      },
    });

  const [{ amountMinor, currency, method }] = subject.cases;
  const request = (over: Partial<ChargeRequest> = {}): ChargeRequest => ({
    reference: newReference(),
    amountMinor,
    currency,
    method,
    customer: {},
    description: null,
    returnUrl: null,
    callbackUrl: callbackUrl(),
    timeoutMs: 5_000,
    ...over,
  });

  /** Charges and remembers what the gateway calls it, as is done wherever attempts are kept. */
  const charge = async (charged: ChargeRequest, on: GatewayAccount = account()): Promise<GatewayOutcome> => {
    const outcome = await adapter().charge(on, charged);
    if (outcome.kind === 'pending') handlesOf.set(charged.reference, outcome.handles);
    return outcome;
  };

  const query = (charged: ChargeRequest, over: Partial<StatusQuery> = {}): StatusQuery => ({
    reference: charged.reference,
    handles: subject.madeUpHandles === undefined ? {} : (handlesOf.get(charged.reference) ?? subject.madeUpHandles),
    amountMinor: charged.amountMinor,
    currency: charged.currency,
    methodType: charged.method.type,
    timeoutMs: 5_000,
    ...over,
  });
  const withHandles = (charged: ChargeRequest, handles: Readonly<Record<string, string>>): StatusQuery => {
    const asked = query(charged);
    return { ...asked, handles: { ...handles, ...asked.handles } };
  };

  const moved = (charged: ChargeRequest) => place.moved('charge', adapter().writtenReference(charged.reference));

  /** Asks until the answer is no longer `pending`. */
  const settled = (charged: ChargeRequest, on: GatewayAccount = account()): Promise<GatewayOutcome> =>
    eventually(async () => {
      const outcome = await adapter().status(on, query(charged));
      return outcome.kind === 'pending' ? undefined : outcome;
    });

  /** Asks until the customer's no shows. */
  const refused = (charged: ChargeRequest): Promise<GatewayOutcome> =>
    eventually(async () => {
      const isCalledBack = received().some(({ rawBody }) => rawBody.includes(charged.reference));
      const outcome = await adapter().status(account(), query(charged));
      const isTold = { end: false, code: outcome.code !== 'open', callback: isCalledBack }[subject.tellsFailureBy];
      return outcome.kind !== 'pending' || isTold ? outcome : undefined;
    });

  for (const wanted of subject.cases) {
    ask(`takes a payment in ${wanted.currency} by ${wanted.method.type} and reports exactly what moved`, async () => {
      const on = accountFor(wanted);
      const over = { amountMinor: wanted.amountMinor, currency: wanted.currency, method: wanted.method };
      const charged = request(over);
      const first = await charge(charged, on);
      expect(['pending', 'succeeded']).toContain(first.kind);
      const outcome = await settled(charged, on);
      expect(outcome).toMatchObject({
        kind: 'succeeded',
        amountMinor: over.amountMinor,
        currency: over.currency,
        reference: charged.reference,
      });
      expect(await moved(charged)).toMatchObject([
        { amount: Number(over.amountMinor), currency: wanted.moves ?? over.currency },
      ]);
      if (outcome.kind === 'succeeded')
        expect(await adapter().status(on, withHandles(charged, outcome.handles))).toEqual(outcome);
    });
  }

  const { byPage } = subject;
  if (byPage !== undefined) {
    ask("leads a customer back from its page to the merchant's, or to the account's when they named none", async () => {
      const ofMerchant = 'https://merchant.example/orders/7?from=page';
      const ofAccount = subject.credentials['return_url'];
      for (const returnUrl of ofAccount === undefined ? [ofMerchant] : [ofMerchant, null]) {
        const { amountMinor, currency, method } = byPage;
        const outcome = await charge(request({ amountMinor, currency, method, returnUrl }));
        const action = outcome.kind === 'pending' ? outcome.nextAction : undefined;
        if (action?.type !== 'redirect') throw new Error(`It does not lead to a page: ${JSON.stringify(outcome.kind)}`);
        const onward = await eventually(async () =>
          /;url=([^"]+)"/.exec(await (await fetch(action.url)).text())?.[1]?.replaceAll('&amp;', '&'),
        );
        expect(onward.startsWith(returnUrl ?? String(ofAccount))).toBe(true);
      }
    });
  }

  ask('says that it does not know a reference that it never got', async () => {
    expect(await adapter().status(account(), query(request()))).toMatchObject(subject.unheardOf);
  });

  ask('never charges one reference twice without saying what it is', async () => {
    const charged = request();
    await charge(charged);
    await settled(charged);
    const second = await adapter().charge(account(), charged);
    expect(second.kind).toBe(subject.second);
    expect(adapter().capabilities.idempotentCreate).toBe(subject.idempotent);
    if (subject.second !== 'pending') expect(await moved(charged)).toHaveLength(1);
  });

  for (const [ending, who] of [
    ['9901', 'a customer without funds'],
    ['9902', 'a customer who refuses'],
  ] as const)
    ask(`reads the decline of ${ending} (${who}) as the customer's own`, async () => {
      if (subject.magic === undefined) return;
      const charged = request({ method: subject.magic(ending) });
      await charge(charged);
      expect(await refused(charged)).toMatchObject(subject.declined);
      expect(await moved(charged)).toEqual([]);
    });

  ask('reads a decline ordered for every charge', async () => {
    await fault('decline');
    const charged = request();
    await charge(charged);
    expect(await refused(charged)).toMatchObject(subject.declined);
  });

  ask('does not fail over on a reason that it does not know', async () => {
    await fault('decline', { code: 'Moon Is Full' });
    const charged = request();
    await charge(charged);
    expect(await refused(charged)).toMatchObject(subject.declinedForUnknownReason ?? subject.declined);
  });

  for (const name of ['refuse', 'down'])
    ask(`says not sent under ${name}, and that nothing moved`, async () => {
      await adapter().charge(account(), request());
      await fault(name);
      const charged = request();
      const outcome = await adapter().charge(account(), charged);
      expect(outcome).toEqual({ kind: 'not_sent', code: 'connection_refused', blame: 'gateway' });
      expect((await adapter().status(account(), query(charged))).kind).toBe('not_sent');
      expect(await moved(charged)).toEqual([]);
    });

  for (const [name, isCharged] of DOUBTS)
    ask(`says unknown under ${name}, and learns the truth by asking`, async () => {
      await fault(name);
      const charged = request({ timeoutMs: 300 });
      expect((await adapter().charge(account(), charged)).kind).toBe('unknown');
      await heal();
      const ask = (): Promise<GatewayOutcome> =>
        adapter().status(account(), { ...query(charged), handles: handlesOf.get(charged.reference) ?? {} });
      if (subject.afterLostAnswer === 'unknown') {
        // Without what the answer would have told, one cannot even ask.
        expect(await ask()).toEqual({ kind: 'unknown', code: 'pay_token_unknown' });
      } else if (!isCharged) {
        expect(await ask()).toMatchObject({ kind: 'not_found' });
      } else {
        expect(await settled(charged)).toMatchObject({ kind: 'succeeded', amountMinor: charged.amountMinor });
      }
      if (subject.afterLostAnswer === 'succeeded') expect(await moved(charged)).toHaveLength(isCharged ? 1 : 0);
    });

  ask('waits for a slow answer, and calls it unknown only when the time is over', async () => {
    await adapter().charge(account(), request());
    await fault('slow', { ms: 400 });
    expect((await adapter().charge(account(), request())).kind).toBe('pending');
    expect(await adapter().charge(account(), request({ timeoutMs: 75 }))).toEqual({ kind: 'unknown', code: 'timeout' });
    expect(await adapter().status(account(), query(request(), { timeoutMs: 75 }))).toEqual({
      kind: 'unknown',
      code: 'timeout',
    });
  });

  ask('reports another amount than was asked as it is', async () => {
    await fault('wrong_amount');
    const charged = request();
    await charge(charged);
    const outcome = await settled(charged);
    const [entry] = await moved(charged);
    // An answer without an amount can only be believed, until the books of the gateway come.
    if (!subject.tellsAmount)
      return expect(outcome).toMatchObject({ kind: 'succeeded', amountMinor: charged.amountMinor });
    expect(outcome).toMatchObject({ kind: 'succeeded', amountMinor: BigInt(entry?.amount ?? -1) });
    expect(outcome).not.toMatchObject({ amountMinor: charged.amountMinor });
  });

  ask('keeps saying pending while the customer does nothing', async () => {
    await fault('approve_after', { ms: 0 });
    const charged = request();
    await charge(charged);
    expect(await adapter().status(account(), query(charged))).toMatchObject({ kind: 'pending' });
  });

  ask('sees the success that follows a failure', async () => {
    await fault('late_success', { ms: 800 });
    const charged = request();
    await charge(charged);
    expect((await refused(charged)).kind).toBe(subject.tellsFailureBy === 'end' ? 'declined' : 'pending');
    await eventually(async () =>
      (await adapter().status(account(), query(charged))).kind === 'succeeded' ? true : undefined,
    );
    expect(await moved(charged)).toHaveLength(1);
  });

  ask('refuses wrong credentials as not sent, for charges and for questions', async () => {
    const wrong = wrongAccount();
    const charged = request();
    expect(await adapter().charge(wrong, charged)).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
    expect(await adapter().status(wrong, query(charged))).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
    expect(await moved(charged)).toEqual([]);
  });

  ask('finds the payment in a genuine webhook', async () => {
    const charged = request();
    await charge(charged);
    const hook = await eventually(() => received().find(({ path }) => path === `/webhooks/${subject.gateway}/main`));
    const verdict = adapter().verifyWebhook(account(), hook);
    const eventType = expect.stringMatching(/success/i) as string;
    const token = handlesOf.get(charged.reference)?.['notif_token'];
    const found = token === undefined ? { reference: charged.reference } : { handles: { notif_token: token } };
    expect(verdict).toMatchObject({ grade: subject.genuine, hint: { ...found, eventType } });
    if (verdict.grade !== 'rejected' && verdict.hint !== null) {
      expect(await adapter().status(account(), withHandles(charged, verdict.hint.handles))).toMatchObject({
        kind: 'succeeded',
        reference: charged.reference,
      });
    }
  });

  ask('gives repeats of one webhook one key', async () => {
    await fault('duplicate_webhook');
    await adapter().charge(account(), request());
    await eventually(() => (received().length >= 3 ? true : undefined));
    const keys = received().map((hook) => {
      const verdict = adapter().verifyWebhook(account(), hook);
      return verdict.grade === 'rejected' ? undefined : verdict.hint?.dedupeKey;
    });
    expect(new Set(keys).size).toBe(1);
  });

  ask('is not told a success by a forged webhook', async () => {
    await fault('forged_webhook');
    await fault('approve_after', { ms: 0 });
    const charged = request();
    await charge(charged);
    const hook = await eventually(() => received()[0]);
    const verdict = adapter().verifyWebhook(account(), hook);
    expect(verdict.grade).toBe(subject.forged);
    const handles = verdict.grade === 'rejected' ? {} : (verdict.hint?.handles ?? {});
    expect(await adapter().status(account(), withHandles(charged, handles))).toMatchObject({ kind: 'pending' });
  });

  ask('sends a card without a token to a page, where the customer pays', async () => {
    const [cardCurrency = 'NGN'] = adapter().capabilities.methodCurrencies.card ?? [];
    const charged = request({ currency: cardCurrency, method: { type: 'card' } });
    const outcome = await charge(charged);
    if (!adapter().capabilities.methods.includes('card')) {
      expect(outcome).toEqual({ kind: 'not_sent', code: 'unsupported_method', blame: 'merchant' });
      return;
    }
    expect(outcome).toMatchObject({ kind: 'pending', nextAction: { type: 'redirect' } });
    expect(await moved(charged)).toEqual([]);
    if (outcome.kind === 'pending' && outcome.nextAction?.type === 'redirect') await fetch(outcome.nextAction.url);
    await eventually(async () => ((await moved(charged)).length > 0 ? true : undefined));
    expect(await settled(charged)).toMatchObject({
      kind: 'succeeded',
      amountMinor: charged.amountMinor,
      currency: cardCurrency,
    });
  });

  ask('refuses what it cannot take without a call', async () => {
    const charged = request({ method: { type: 'mobile_money', network: 'nonesuch', phone: '+233241234567' } });
    expect(await adapter().charge(account({ baseUrl: 'http://127.0.0.1:9' }), charged)).toEqual({
      kind: 'not_sent',
      code: 'unsupported_method',
      blame: 'merchant',
    });
  });

  ask('turns a useless base address or credential into an outcome', async () => {
    const charged = request();
    expect(await adapter().charge(account({ baseUrl: 'nonsense' }), charged)).toMatchObject({
      kind: 'not_sent',
      blame: 'merchant',
    });
    const broken = Object.fromEntries(Object.keys(subject.credentials).map((name) => [name, 'a\r\nb']));
    expect(await adapter().charge(account({ credentials: broken }), charged)).toMatchObject({
      kind: 'not_sent',
      blame: 'merchant',
    });
    expect(await adapter().status(account({ credentials: broken }), query(charged))).toMatchObject({
      kind: 'not_sent',
    });
  });

  ask('goes on with a charge when that was typed which the customer was asked for', async () => {
    const { customerActions } = adapter();
    const asking = subject.asking ?? [];
    expect(asking.map(({ action }) => action.type)).toEqual(customerActions?.types ?? []);
    for (const { action, path, body } of asking) {
      const reference = newReference();
      const asked = await fetch(`${account().baseUrl}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${subject.credentials['secret_key']}`, 'content-type': 'application/json' },
        body: JSON.stringify(body(reference)),
      });
      expect(`${asked.status} ${await asked.text()}`).toMatch(/^200 /);
      const request = { reference, handles: {}, currency: 'NGN', action, timeoutMs: 2_000 } as const;
      expect((await must(customerActions).submit(wrongAccount(), request)).kind).toBe('not_sent');
      expect(await place.moved('charge', reference)).toEqual([]);
      const outcome = await must(customerActions).submit(account(), request);
      expect(['pending', 'succeeded']).toContain(outcome.kind);
      const query = { ...request, amountMinor: 500_000n, methodType: 'card' } as const;
      await eventually(async () =>
        (await adapter().status(account(), query)).kind === 'succeeded' ? true : undefined,
      );
      expect(await place.moved('charge', reference)).toHaveLength(1);
    }
  });
}

describe("an MTN account in MTN's own sandbox", () => {
  it('is told with a server error that it takes euros only, which is no doubt about the payment', async () => {
    const subject = must(subjects.find(({ gateway }) => gateway === 'mtn_momo'));
    const { account, adapter } = world.at(subject);
    const credentials = { ...subject.credentials, target_environment: 'sandbox' };
    const [{ amountMinor, currency, method }] = subject.cases;
    const charge = {
      reference: newReference(),
      amountMinor,
      currency,
      method,
      customer: {},
      description: null,
      returnUrl: null,
    };
    expect(await adapter().charge(account({ credentials }), { ...charge, callbackUrl: '', timeoutMs: 1_000 })).toEqual({
      kind: 'not_sent',
      code: 'INVALID_CURRENCY',
      blame: 'merchant',
    });
  });
});
