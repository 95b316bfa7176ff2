/** Paystack's balances (PROVIDERS 1.6): one per currency, in subunits; transfers and refunds are taken from them. */
import { z } from 'zod';
import { exponentOf, isCurrency } from '../../../../kernel/money/money.js';
import { balanceToMinor } from '../amounts.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayBalance, GatewayFloat } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { parseJson } from '../outcomes.js';
import { answered, failed } from '../pages.js';
import { subunitsToMajor } from './paystack.amounts.js';
import type { PaystackCalls } from './paystack.calls.js';

/** Far more than there are currencies at Paystack. */
const MAX_BALANCES = 100;

const balances = z.object({
  status: z.literal(true),
  data: z
    .array(
      z.object({
        currency: z.string().min(1).max(10),
        balance: z.union([z.number().refine(Number.isSafeInteger), z.string().regex(/^-?\d{1,18}$/)]),
      }),
    )
    .max(MAX_BALANCES),
});

type Balances = Awaited<ReturnType<GatewayFloat['balances']>>;

export class PaystackFloat implements GatewayFloat {
  constructor(private readonly calls: PaystackCalls) {}

  async balances(account: GatewayAccount, timeoutMs: number): Promise<Balances> {
    const result = answered(await this.calls.get(account, '/balance', timeoutMs));
    return result.kind === 'failed' ? result : readPaystackBalances(result.answer);
  }
}

/** Currencies that we do not book are left out: no payout of ours could be made from them. */
export function readPaystackBalances(answer: HttpAnswer): Balances {
  const parsed = balances.safeParse(parseJson(answer.body));
  if (!parsed.success) return failed('unparsable_answer');
  const read: GatewayBalance[] = [];
  for (const { currency, balance } of parsed.data.data) {
    if (!isCurrency(currency)) continue;
    const text = String(balance);
    const major = text.startsWith('-') ? `-${subunitsToMajor(text.slice(1))}` : subunitsToMajor(text);
    const availableMinor = balanceToMinor(major, exponentOf(currency));
    if (availableMinor === undefined) return failed('unparsable_answer');
    read.push({ currency, availableMinor });
  }
  return { kind: 'balances', balances: read };
}
