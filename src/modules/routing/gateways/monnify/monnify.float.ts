/** The wallet from which Monnify pays out (PROVIDERS 4.6). */
import { z } from 'zod';
import { exponentOf } from '../../../../kernel/money/money.js';
import { majorToMinor } from '../amounts.js';
import type { GatewayAccount } from '../gateway-outcome.js';
import type { GatewayFloat } from '../gateway-parts.js';
import { bodyIn, fromMonnifyError, type MonnifyCalls } from './monnify.calls.js';

const balance = z.object({ availableBalance: z.union([z.string().max(40), z.number()]) });

export class MonnifyFloat implements GatewayFloat {
  constructor(private readonly calls: MonnifyCalls) {}

  async balances(account: GatewayAccount, timeoutMs: number): ReturnType<GatewayFloat['balances']> {
    const wallet = account.credentials['source_account_number'] ?? '';
    if (wallet === '') return { kind: 'failed', code: 'no_source_account' };
    const path = `/api/v2/disbursements/wallet-balance?accountNumber=${encodeURIComponent(wallet)}`;
    const called = await this.calls.call(account, { method: 'GET', path, timeoutMs });
    if (called.kind === 'outcome') return { kind: 'failed', code: called.outcome.code };
    const body = bodyIn(called.answer);
    if (body === undefined) return { kind: 'failed', code: fromMonnifyError(called.answer, false).code };
    const parsed = balance.safeParse(body);
    const availableMinor = parsed.success
      ? majorToMinor(parsed.data.availableBalance, exponentOf('NGN'), 'down')
      : undefined;
    return availableMinor === undefined
      ? { kind: 'failed', code: 'unparsable_answer' }
      : { kind: 'balances', balances: [{ currency: 'NGN', availableMinor }] };
  }
}
