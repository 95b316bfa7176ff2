/** What /docs, and the back-office's client, are told that gateway accounts, and what is believed of them, look like. */
import { z } from 'zod';
import { listOf } from '../../kernel/http/answers.js';
import { feeSchedule } from './fees/fee-model.js';

const breaker = z.enum(['closed', 'open', 'half_open']);
const fees = z.array(feeSchedule);

export const gatewayAccountAnswer = z
  .object({
    object: z.literal('gateway_account'),
    id: z.string(),
    livemode: z.boolean(),
    merchant_id: z.string().nullable().describe("Null: the platform's own."),
    gateway: z.string(),
    name: z.string(),
    base_url: z.string(),
    priority: z.int(),
    enabled: z.boolean(),
    fees,
    breaker,
    disbursement_breaker: breaker,
    floats: z.array(z.object({ currency: z.string(), available: z.int(), asked_at: z.iso.datetime() })),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'GatewayAccount' });

export const gatewayAccountsAnswer = listOf(gatewayAccountAnswer);

const named = { gateway_account: z.string(), gateway: z.string().nullable(), name: z.string().nullable() };
const share = z.object({ mean: z.number(), standard_deviation: z.number() });

export const routingHealthAnswer = z
  .object({
    object: z.literal('routing_health'),
    rule_set_version: z.int().nullable(),
    networks: z.array(z.object({ network: z.string(), down: z.boolean() })),
    segments: z.array(
      z.object({
        ...named,
        network: z.string(),
        breaker,
        may_probe: z.boolean(),
        success: share,
        usual_success: share,
        trouble: z.number().describe('How probable it is that it is in trouble.'),
        unknown_share: z.number(),
        seconds: z.number(),
      }),
    ),
    fees: z.array(z.object({ ...named, schedules: fees })),
    maintenance_windows: z.array(
      z.object({
        id: z.string(),
        gateway_account: z.string().nullable(),
        gateway: z.string().nullable(),
        network: z.string().nullable(),
        from: z.iso.datetime(),
        to: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'RoutingHealth' });
