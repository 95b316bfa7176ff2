/** What the OpenAPI document says of answers, held against real ones: every member that is answered is described, and as it is. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { decodeId } from '../../../src/kernel/ids/ids.js';
import type { ApiAnswer } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import { createHarness, news, publicId, startFront, type Front, type Harness } from './harness.js';

interface Document {
  paths: Record<
    string,
    Record<
      string,
      { responses: Record<string, { content?: Record<string, { schema: z.core.JSONSchema.JSONSchema }> }> }
    >
  >;
}

let harness: Harness;
let front: Front;
let document: Document;
beforeAll(async () => {
  harness = await createHarness();
  front = await startFront(harness.database);
  document = (await front.merchant.get<Document>('/openapi.json')).body;
}, 180_000);
afterAll(async () => {
  await front?.stop();
  await harness.close();
});

function expectAsDescribed(method: 'get' | 'post', path: string, answer: ApiAnswer, status: number): void {
  expect([answer.status, answer.text]).toEqual([status, answer.text]);
  const schema = document.paths[path]?.[method]?.responses[String(status)]?.content?.['application/json']?.schema;
  if (schema === undefined) throw new Error(`${method} ${path} says nothing of ${status}`);
  expect(z.fromJSONSchema(schema).safeParse(answer.body).error?.issues ?? []).toEqual([]);
}

const post = (path: string, body: unknown, prefer?: string): Promise<ApiAnswer> =>
  front.merchant.post(path, body, { idempotencyKey: randomUUID(), ...(prefer === undefined ? {} : { prefer }) });

const WALLET = { type: 'mobile_money', network: 'mtn', phone: '+233241234567', name: 'Ama Mensah' };
const payout = (): Record<string, unknown> => ({
  amount: 5_000,
  currency: 'GHS',
  reference: randomUUID(),
  destination: WALLET,
});
const payment = (method: object): Record<string, unknown> => ({
  amount: 5_000,
  currency: 'GHS',
  reference: randomUUID(),
  method,
  customer: { email: 'ama@example.com' },
});

it('says of everything that moves money both that it is done and that it is under way', () => {
  for (const path of ['/v1/payments', '/v1/payments/{id}/refunds', '/v1/payouts'])
    expect(Object.keys(document.paths[path]?.['post']?.responses ?? {})).toEqual(['201', '202', 'default']);
});

it('describes payments', async () => {
  for (const method of [
    { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
    { type: 'card', token: 'tok_1' },
  ]) {
    const made = await post('/v1/payments', payment(method), '');
    expectAsDescribed('post', '/v1/payments', made, 202);
    expectAsDescribed(
      'get',
      '/v1/payments/{id}',
      await front.merchant.get(`/v1/payments/${String(made.body['id'])}`),
      200,
    );
  }
  expectAsDescribed('get', '/v1/payments', await front.merchant.get('/v1/payments?expand[]=attempts'), 200);
});

it('describes refunds', async () => {
  const path = `/v1/payments/${publicId('payment', await harness.succeededPayment(10_000))}/refunds`;
  const made = await post(path, { amount: 4_000, reason: 'damaged' });
  expectAsDescribed('post', '/v1/payments/{id}/refunds', made, 202);
  expectAsDescribed('get', '/v1/payments/{id}/refunds', await front.merchant.get(path), 200);
  expectAsDescribed('get', '/v1/refunds', await front.merchant.get('/v1/refunds?expand[]=attempts'), 200);
  expectAsDescribed('get', '/v1/refunds/{id}', await front.merchant.get(`/v1/refunds/${String(made.body['id'])}`), 200);
});

it('describes payouts, also one whose end somebody waits for', async () => {
  expectAsDescribed('post', '/v1/payouts', await post('/v1/payouts', payout(), ''), 202);
  const body = payout();
  const waiting = post('/v1/payouts', body, 'wait=20');
  const id = await eventually(async () => {
    const list = await front.merchant.get<{ data: { id: string }[] }>(
      `/v1/payouts?reference=${String(body['reference'])}`,
    );
    const uuid = decodeId('payout', list.body.data[0]?.id ?? '');
    if (uuid === undefined) throw new Error('not there yet');
    return uuid;
  });
  const { attempted, succeeded, returned } = news('payout', id, 5_000);
  await harness.handle(harness.onDisbursement, [attempted, succeeded]);
  expectAsDescribed('post', '/v1/payouts', await waiting, 201);
  await harness.handle(harness.onDisbursement, [returned]);
  const read = await front.merchant.get(`/v1/payouts/${publicId('payout', id)}?expand[]=attempts`);
  expect(read.body).toMatchObject({ status: 'returned', attempts: [{ object: 'attempt' }] });
  expectAsDescribed('get', '/v1/payouts/{id}', read, 200);
  expectAsDescribed('get', '/v1/payouts', await front.merchant.get('/v1/payouts?expand[]=attempts'), 200);
});
