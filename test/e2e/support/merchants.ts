import type { ApiClient } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import type { System } from './system.js';

export interface NewMerchant {
  readonly id: string;
  readonly client: ApiClient;
}

/** A merchant made for the occasion, once its key works: when the access projection has heard of it. */
export async function newMerchant(system: System): Promise<NewMerchant> {
  const merchant = await system.admin.post('/admin/v1/merchants', { name: 'Another', platform_fee_bps: 0 });
  const id = String(merchant.body['id']);
  const keys = await system.admin.post(`/admin/v1/merchants/${id}/api_keys`, { livemode: false });
  const client = system.merchant.withKey(String(keys.body['secret']));
  await eventually(async () => expect((await client.get('/v1/payments')).status).toBe(200));
  return { id, client };
}

export async function anotherMerchant(system: System): Promise<ApiClient> {
  return (await newMerchant(system)).client;
}
