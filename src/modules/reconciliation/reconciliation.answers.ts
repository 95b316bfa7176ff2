/** What /docs, and the back-office's client, are told that runs and the gateway accounts that can be compared look like. */
import { z } from 'zod';
import { listOf } from '../../kernel/http/answers.js';
import { LISTING_STATES } from './listings/listing.js';
import { PHASES, RUN_STATES } from './runs/runs.store.js';

export const runAnswer = z
  .object({
    object: z.literal('reconciliation_run'),
    id: z.string(),
    job: z.string(),
    gateway: z.string(),
    gateway_account: z.string(),
    livemode: z.boolean(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    status: z.enum(RUN_STATES),
    phase: z.enum(PHASES).nullable(),
    progress: z.object({ done: z.int(), total: z.int() }),
    listing: z
      .object({
        status: z.enum(LISTING_STATES),
        pages_in: z.int(),
        pages: z.int().nullable().describe('Null: the gateway was not read to its end yet.'),
        lines_in: z.int(),
        asks: z.int(),
        problem: z.string().nullable(),
      })
      .nullable()
      .describe("The gateway's own books; null: they were not asked for."),
    counts: z.object({
      records: z.int(),
      lines: z.int(),
      matched: z.int(),
      unmatched: z.int(),
      opened: z.int(),
      changed: z.int(),
      closed: z.int(),
      asked: z.int().describe('Attempts that their gateway is asked about once more.'),
      resolved: z.int().describe('Breaks that were booked, as they were certain.'),
    }),
    tries: z.int(),
    problem: z.string().nullable(),
    cancel_requested: z.boolean(),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ReconciliationRun' });

export const runsAnswer = listOf(runAnswer);

export const accountAnswer = z
  .object({
    object: z.literal('reconciliation_gateway_account'),
    id: z.string(),
    gateway: z.string(),
    livemode: z.boolean(),
  })
  .meta({ id: 'ReconciliationGatewayAccount' });

export const accountsAnswer = listOf(accountAnswer);
