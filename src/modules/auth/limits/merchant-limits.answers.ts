/** A merchant's limits as the admin API shows them. */
import { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';
import type { MerchantLimitsRow } from './merchant-limits.store.js';
import type { DefaultLimits } from './set-merchant-limits.js';

const limit = z.int().nullable();

export const merchantLimitsAnswer = z
  .object({
    object: z.literal('merchant_limits'),
    merchant_id: z.string(),
    rate_per_second: limit.describe('Requests a second, in each mode and process; null: the default.'),
    burst: limit.describe('Requests at once after a pause; null: the default.'),
    max_in_flight: limit.describe('Requests that may be open at a time; null: the default.'),
    defaults: z
      .object({ rate_per_second: z.int(), burst: z.int(), max_in_flight: z.int() })
      .describe('What the settings of the process that answers say for all merchants.'),
    version: z.int().describe('Counts the changes; 0: nothing was ever set.'),
    updated_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'MerchantLimits' });

export type MerchantLimitsView = z.infer<typeof merchantLimitsAnswer>;

export function viewMerchantLimits(
  merchantId: string,
  row: MerchantLimitsRow | undefined,
  defaults: DefaultLimits,
): MerchantLimitsView {
  return {
    object: 'merchant_limits',
    merchant_id: encodeId('merchant', merchantId),
    rate_per_second: row?.ratePerSecond ?? null,
    burst: row?.burst ?? null,
    max_in_flight: row?.maxInFlight ?? null,
    defaults: {
      rate_per_second: defaults.merchantRatePerSecond,
      burst: defaults.merchantBurst,
      max_in_flight: defaults.merchantMaxInFlight,
    },
    version: row?.version ?? 0,
    updated_at: row === undefined || row.version === 0 ? null : row.updatedAt.toISOString(),
  };
}
