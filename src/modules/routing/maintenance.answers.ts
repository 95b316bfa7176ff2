/** What /docs, and the back-office's client, are told that maintenance windows look like. */
import { z } from 'zod';
import { listOf } from '../../kernel/http/answers.js';

export const windowAnswer = z
  .object({
    object: z.literal('maintenance_window'),
    id: z.string(),
    gateway_account: z.string().nullable().describe('Null: every account at the gateway.'),
    gateway: z.string().nullable(),
    name: z.string().nullable(),
    network: z.string().nullable().describe('Null: every network.'),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    reason: z.string(),
    created_by: z.string(),
    created_at: z.iso.datetime(),
    canceled_by: z.string().nullable(),
    canceled_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'MaintenanceWindow' });

export const windowsAnswer = listOf(windowAnswer);
