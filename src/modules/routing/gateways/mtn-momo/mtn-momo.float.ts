/** The balance of the wallet that MTN MoMo pays out from (PROVIDERS 3.6), which is not the one that collects. */
import { z } from 'zod';
import { exponentOf, isCurrency } from '../../../../kernel/money/money.js';
import { balanceToMinor } from '../amounts.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayFloat } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { parseJson } from '../outcomes.js';
import { answered, failed } from '../pages.js';
import type { MtnCalls } from './mtn-momo.calls.js';
import { canDisburse } from './mtn-momo.products.js';

const balance = z.object({
  availableBalance: z.union([z.string().max(40), z.number()]),
  currency: z.string().min(1).max(10),
});

type Balances = Awaited<ReturnType<GatewayFloat['balances']>>;

export class MtnFloat implements GatewayFloat {
  constructor(private readonly calls: MtnCalls) {}

  async balances(account: GatewayAccount, timeoutMs: number): Promise<Balances> {
    if (!canDisburse(account)) return failed('missing_credentials');
    const request = { method: 'GET', path: '/disbursement/v1_0/account/balance', timeoutMs } as const;
    const called = await this.calls.call(account, 'disbursement', request);
    if (called.kind === 'outcome') return failed(called.outcome.code);
    const result = answered(called.answer);
    return result.kind === 'failed' ? result : readMtnBalance(result.answer);
  }
}

/** A currency that we do not book (MTN's own sandbox has euros) is left out: no payout of ours could be made from it. */
export function readMtnBalance(answer: HttpAnswer): Balances {
  const parsed = balance.safeParse(parseJson(answer.body));
  if (!parsed.success) return failed('unparsable_answer');
  const { currency, availableBalance } = parsed.data;
  if (!isCurrency(currency)) return { kind: 'balances', balances: [] };
  const availableMinor = balanceToMinor(availableBalance, exponentOf(currency));
  return availableMinor === undefined
    ? failed('unparsable_answer')
    : { kind: 'balances', balances: [{ currency, availableMinor }] };
}
