/** Flutterwave's balances, one per currency, in major units; the address is from memory, the shape is in its published samples. */
import { z } from 'zod';
import { exponentOf, isCurrency } from '../../../../kernel/money/money.js';
import { balanceToMinor } from '../amounts.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayBalance, GatewayFloat } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { parseJson } from '../outcomes.js';
import { answered, failed } from '../pages.js';
import type { FlutterwaveCalls } from './flutterwave.calls.js';

/** Far more than there are currencies at Flutterwave. */
const MAX_BALANCES = 200;

const balances = z.object({
  status: z.literal('success'),
  data: z
    .array(
      z.object({
        currency: z.string().min(1).max(10),
        /** What is cleared; the ledger balance has what is still held besides. */
        available_balance: z.union([z.number(), z.string().max(40)]),
      }),
    )
    .max(MAX_BALANCES),
});

type Balances = Awaited<ReturnType<GatewayFloat['balances']>>;

export class FlutterwaveFloat implements GatewayFloat {
  constructor(private readonly calls: FlutterwaveCalls) {}

  async balances(account: GatewayAccount, timeoutMs: number): Promise<Balances> {
    const result = answered(await this.calls.get(account, '/v3/balances', timeoutMs));
    return result.kind === 'failed' ? result : readFlutterwaveBalances(result.answer);
  }
}

/** Currencies that we do not book are left out: no payout of ours could be made from them. */
export function readFlutterwaveBalances(answer: HttpAnswer): Balances {
  const parsed = balances.safeParse(parseJson(answer.body));
  if (!parsed.success) return failed('unparsable_answer');
  const read: GatewayBalance[] = [];
  for (const { currency, available_balance: available } of parsed.data.data) {
    if (!isCurrency(currency)) continue;
    const availableMinor = balanceToMinor(available, exponentOf(currency));
    if (availableMinor === undefined) return failed('unparsable_answer');
    read.push({ currency, availableMinor });
  }
  return { kind: 'balances', balances: read };
}
