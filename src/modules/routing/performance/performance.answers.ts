/** What /docs, and the back-office's client, are told that the performance of gateways looks like. */
import { z } from 'zod';
import { WINDOWS } from './performance-window.js';

const figures = {
  attempts: z.int(),
  succeeded: z.int().describe('The gateway had, or has, the money.'),
  failed: z.int().describe('It ended without money, and that is sure.'),
  refused: z.int().describe('Of those that failed, for which the customer is to blame.'),
  unknown: z.int().describe('Its end is not certain, or it took what was not asked.'),
  in_flight: z.int(),
  p50_seconds: z.number().nullable().describe('From the call to its end. Null: nothing has ended.'),
  p95_seconds: z.number().nullable(),
};

export const performanceAnswer = z
  .object({
    object: z.literal('routing_performance'),
    window: z.enum(WINDOWS),
    kind: z.enum(['payment', 'refund', 'payout']),
    livemode: z.boolean(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    bucket_seconds: z.int(),
    is_sample: z
      .boolean()
      .describe('There was too much to read all of it: the figures are of a part, spread over the window.'),
    accounts: z.array(
      z.object({
        gateway_account: z.string(),
        gateway: z.string().nullable(),
        name: z.string().nullable(),
        ...figures,
        errors: z.array(
          z.object({ code: z.string(), blame: z.string().nullable(), status: z.string(), count: z.int() }),
        ),
        series: z
          .array(z.object({ at: z.iso.datetime(), ...figures }))
          .describe('By when attempts began, without gaps; empty unless one account was asked about.'),
      }),
    ),
  })
  .meta({ id: 'RoutingPerformance' });
