/** The page that a payment's customer comes back to. */
import { randomUUID } from 'node:crypto';
import type { ApiClient } from '../../support/api-client.js';
import { createHarness, startFront, type Front, type Harness } from './harness.js';

let harness: Harness;
let front: Front;
beforeAll(async () => {
  harness = await createHarness();
  front = await startFront(harness.database);
}, 180_000);
afterAll(async () => {
  await front?.stop();
  await harness.close();
});

it('sends customers of real money back to encrypted pages only', async () => {
  const body = { amount: 1_000, currency: 'GHS', method: { type: 'card' }, return_url: 'http://shop.example/back' };
  const take = (client: ApiClient, over: object = {}) =>
    client.post('/v1/payments', { ...body, reference: randomUUID(), ...over }, { idempotencyKey: randomUUID() });
  const refused = await take(front.live);
  expect(refused.status).toBe(422);
  expect(refused.body).toMatchObject({ errors: [{ pointer: '/return_url', code: 'https_required' }] });
  const secure = 'https://shop.example/back';
  expect((await take(front.live, { return_url: secure })).body).toMatchObject({ return_url: secure });
  const { body: local } = await take(front.merchant);
  expect(local).toMatchObject({ return_url: body.return_url });
  const read = await front.merchant.get(`/v1/payments/${String(local['id'])}`);
  expect(read.body).toMatchObject({ return_url: body.return_url });
  const { body: list } = await front.merchant.get<{ data: object[] }>('/v1/payments');
  expect(list.data).toContainEqual(expect.objectContaining({ id: local['id'], return_url: body.return_url }));
});
