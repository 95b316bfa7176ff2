/** What a router knows, in a form that outlives its process: beliefs, costs, traffic, who is down, and how far the tests for that have come. */
import { z } from 'zod';

const share = z.number().min(0);
const counts = z.object({ successes: share, failures: share });
/** Not there: kept by a version that forgot it. */
const progress = z.object({ score: share, failures: z.record(z.string(), share) }).default({ score: 0, failures: {} });
const part = z.object({ isDown: z.boolean(), progress, traffic: counts });
const probability = z.number().min(0).max(1);
/** Of accounts it was not always kept. */
const nothing = { successes: 0, failures: 0 };

const known = z.object({
  segments: z.array(
    z.object({
      accountId: z.string(),
      network: z.string(),
      isDown: z.boolean(),
      progress,
      /** In ordinary times. */
      counts,
      /** How probable it is that it is in trouble. */
      trouble: probability,
      /** Seen since that may have begun. */
      inTrouble: counts,
      costs: z.object({ seconds: share, unknownShare: share, weight: share }),
    }),
  ),
  accounts: z.array(
    part.extend({
      accountId: z.string(),
      counts,
      /** Of its networks together. */
      trouble: probability.default(0),
      inTrouble: counts.default(nothing),
    }),
  ),
  networks: z.array(part.extend({ network: z.string() })),
});
export type Memory = z.infer<typeof known>;

/** Of refunds and payouts apart, which fail apart from charges; not there: kept before it was shared. */
export const memory = known.extend({ disbursements: known.optional() });
export type WholeMemory = z.infer<typeof memory>;
