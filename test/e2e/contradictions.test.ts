/** What operators see of gateways that say one thing and mean another, and what they can do about it. */
import { createHmac, randomUUID } from 'node:crypto';

import { DEFAULT_CREDENTIALS } from '../../src/sandbox/accounts.js';
import { eventually } from '../support/eventually.js';
import { approve } from './support/gateways.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney, mobileMoneyFrom, pay, read, untilStatus } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;

/** Their customer never approves. */
const NEVER_APPROVES = '9903';

interface Shown {
  readonly id: string;
  readonly object: string;
  readonly attempt_id: string | null;
  readonly payment_id: string | null;
  readonly reference: string | null;
  readonly [field: string]: unknown;
}
interface List {
  readonly data: readonly Shown[];
  readonly has_more: boolean;
}

describeInEachMode('A contradiction', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(mode);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);
  afterEach(() => system.sandbox.clearFaults());

  /** A webhook as Paystack signs it. */
  const announce = async (reference: string): Promise<void> => {
    const body = JSON.stringify({
      event: 'charge.success',
      data: {
        id: Math.floor(Math.random() * 1e9),
        reference,
        status: 'success',
        customer: { email: 'ama@example.com' },
      },
    });
    const signature = createHmac('sha512', DEFAULT_CREDENTIALS.paystack['secret_key'] ?? '')
      .update(body)
      .digest('hex');
    const headers = { 'content-type': 'application/json', 'x-paystack-signature': signature };
    const url = `${system.programOf('routing').url}/webhooks/paystack/main`;
    const answer = await fetch(url, { method: 'POST', headers, body });
    expect([answer.status, await answer.text()]).toEqual([200, '{}']);
  };
  const list = async (query: string): Promise<List> => {
    const answer = await system.admin.get<List>(`/admin/v1/routing/${query}`);
    expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
    return answer.body;
  };

  it(
    'between a webhook and its gateway is listed, shown without the person, and changes nothing',
    async () => {
      const payment = await pay(system, mobileMoneyFrom(NEVER_APPROVES), 'wait=0');
      const reference = await eventually(async () => {
        const [attempt] = (await read(system, payment.id)).attempts;
        if (attempt === undefined) throw new Error('no attempt yet');
        return attempt.reference;
      });
      await announce(reference);
      const found = await eventually(async () => {
        const { data } = await list('webhooks?outcome=contradicted&gateway=paystack');
        const match = data.find((each) => each.reference === reference);
        if (match === undefined) throw new Error('it is not listed');
        return match;
      });
      expect(found).toMatchObject({
        object: 'gateway_webhook',
        gateway: 'paystack',
        event_type: 'charge.success',
        grade: 'authenticated',
        outcome: 'contradicted_pending',
        payment_id: payment.id,
      });
      expect(found['body']).toBeUndefined();
      const one = await system.admin.get<Shown>(`/admin/v1/routing/webhooks/${found.id}`);
      expect(one.body).toMatchObject({
        id: found.id,
        body: { event: 'charge.success', data: { reference, customer: { email: '[withheld]' } } },
      });
      expect((await list('webhooks?outcome=contradicted&gateway=mtn_momo')).data).toEqual([]);
      expect((await read(system, payment.id)).status).toBe('processing');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of a webhook about nothing of ours is listed as unmatched, page by page',
    async () => {
      const references = Array.from({ length: 3 }, () => randomUUID().replaceAll('-', ''));
      for (const reference of references) await announce(reference);
      const first = await list('webhooks?outcome=unmatched&limit=2');
      expect(first.has_more).toBe(true);
      expect(first.data.map((each) => each.reference)).toEqual([references[2], references[1]]);
      const second = await list(`webhooks?outcome=unmatched&limit=2&starting_after=${first.data[1]?.id}`);
      expect(second.data[0]?.reference).toBe(references[0]);
      const back = await list(`webhooks?outcome=unmatched&limit=2&ending_before=${second.data[0]?.id}`);
      expect(back.data).toEqual(first.data);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'between what was asked and what was taken is a case with all that is needed to look into it',
    async () => {
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'wrong_amount' });
      const payment = await pay(system, mobileMoney({ amount: 5_000 }), 'wait=0');
      const found = await eventually(async () => {
        const { data } = await list(`cases?status=quarantined&gateway=paystack&payment_id=${payment.id}`);
        if (data[0] === undefined) throw new Error('there is no case');
        return data[0];
      });
      expect(found).toMatchObject({
        object: 'routing_case',
        status: 'quarantined',
        amount: 5_000,
        captured_amount: 4_900,
        captured_currency: 'GHS',
        method: { type: 'mobile_money', network: 'mtn' },
        handles: { id: expect.any(String) as string },
        payment_state: 'routing',
        acknowledged: true,
        opened_at: expect.any(String) as string,
      });
      expect(JSON.stringify(found)).not.toContain('phone');
      expect((await list(`cases?status=unknown&payment_id=${payment.id}`)).data).toEqual([]);
      expect((await list(`cases?gateway=mtn_momo&payment_id=${payment.id}`)).data).toEqual([]);
      const asked = await system.admin.post(`/admin/v1/routing/attempts/${found.id}/check`);
      expect(asked.body).toMatchObject({
        object: 'attempt_check',
        status: 'quarantined',
        answer: { outcome: 'succeeded', amount_minor: '4900', currency: 'GHS' },
      });
      const quarantines = await list('webhooks?outcome=quarantined');
      expect(quarantines.data.map((each) => each.payment_id)).toContain(payment.id);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is asked about when somebody wants to know, and what the gateway says counts',
    async () => {
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'no_webhook' });
      const payment = await pay(system, mobileMoneyFrom(NEVER_APPROVES), 'wait=0');
      const attempt = await eventually(
        async () => {
          const [first] = (await read(system, payment.id)).attempts;
          if (first === undefined || first.status === 'started') throw new Error('it has not been sent yet');
          return first;
        },
        { timeoutMs: 20_000 },
      );
      const before = await system.admin.post(`/admin/v1/routing/attempts/${attempt.id}/check`);
      expect([before.status, before.body]).toEqual([
        200,
        expect.objectContaining({
          payment_id: payment.id,
          status: 'pending',
          answer: expect.objectContaining({ outcome: 'pending' }),
        }),
      ]);
      await approve(system, 'paystack', attempt.reference);
      const after = await system.admin.post(`/admin/v1/routing/attempts/${attempt.id}/check`);
      expect(after.body).toMatchObject({
        answer: { outcome: 'succeeded' },
        status_before: 'pending',
        status: 'succeeded',
      });
      await untilStatus(system, payment.id, 'succeeded');
    },
    TEST_TIMEOUT_MS,
  );

  it('is for operators alone, and what is not there is not found', async () => {
    for (const path of ['webhooks', 'webhooks/gwh_00000000000000000000000000', 'cases'])
      expect((await system.merchant.get(`/admin/v1/routing/${path}`)).status).toBe(403);
    expect((await system.merchant.post('/admin/v1/routing/attempts/att_00000000000000000000000000/check')).status).toBe(
      403,
    );
    const webhook = await system.admin.get('/admin/v1/routing/webhooks/gwh_00000000000000000000000000');
    expect([webhook.status, webhook.body['code']]).toEqual([404, 'gateway_webhook.not_found']);
    const attempt = await system.admin.post('/admin/v1/routing/attempts/att_00000000000000000000000000/check');
    expect([attempt.status, attempt.body['code']]).toEqual([404, 'attempt.not_found']);
    for (const query of ['webhooks?outcome=x', 'webhooks?starting_after=x', 'cases?status=x', 'cases?merchant_id=x'])
      expect((await system.admin.get(`/admin/v1/routing/${query}`)).status).toBe(400);
  });

  it('where gateways call, a customer who is sent there afterwards finds a page', async () => {
    const answer = await fetch(`${system.programOf('routing').url}/webhooks/paystack/main?reference=x&status=success`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await answer.text()).toContain('Thank you');
  });
});
