/** Wave's wallet balance (PROVIDERS 8.7): collections and payouts share one wallet. */
import { z } from 'zod';
import { isCurrency, exponentOf } from '../../../../kernel/money/money.js';
import { majorToMinor } from '../amounts.js';
import type { GatewayAccount } from '../gateway-outcome.js';
import type { GatewayFloat } from '../gateway-parts.js';
import type { GatewayHttpClient } from '../http-client.js';
import { parseJson } from '../outcomes.js';
import { callWave, fromWaveError } from './wave.calls.js';

const balance = z.object({ amount: z.union([z.string().max(40), z.number()]), currency: z.string().max(16) });

export class WaveFloat implements GatewayFloat {
  constructor(private readonly http: GatewayHttpClient) {}

  async balances(account: GatewayAccount, timeoutMs: number): ReturnType<GatewayFloat['balances']> {
    const called = await callWave(this.http, account, { method: 'GET', path: '/v1/balance', timeoutMs });
    if (called.kind === 'outcome') return { kind: 'failed', code: called.outcome.code };
    if (called.answer.status !== 200) return { kind: 'failed', code: fromWaveError(called.answer).code };
    const parsed = balance.safeParse(parseJson(called.answer.body));
    const currency = parsed.data?.currency;
    const availableMinor =
      parsed.success && isCurrency(currency)
        ? majorToMinor(parsed.data.amount, exponentOf(currency), 'down')
        : undefined;
    if (currency === undefined || availableMinor === undefined) return { kind: 'failed', code: 'unparsable_answer' };
    return { kind: 'balances', balances: [{ currency, availableMinor }] };
  }
}
