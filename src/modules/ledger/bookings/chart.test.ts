import fc from 'fast-check';
import { paymentSucceeded } from '../../../contracts/payments.events.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { StoredEvent } from '../../../kernel/outbox/event.js';
import { keyText } from '../accounts/account.js';
import { transfersFor } from './chart.js';

const MERCHANT = newUuid();
const GATEWAY_ACCOUNT = newUuid();
const PAYMENT = newUuid();

function succeeded(amount: number, gatewayFee: number, platformFee: number): StoredEvent {
  return {
    id: newUuid(),
    type: paymentSucceeded.type,
    aggregateType: 'payment',
    aggregateId: PAYMENT,
    merchantId: MERCHANT,
    payload: {
      payment_id: PAYMENT,
      livemode: true,
      amount,
      currency: 'NGN',
      gateway: 'paystack',
      gateway_account_id: GATEWAY_ACCOUNT,
      attempt_id: newUuid(),
      gateway_fee: gatewayFee,
      platform_fee: platformFee,
      succeeded_at: '2026-02-01T00:00:00.000Z',
      resource: {},
    },
    headers: { correlation_id: 'req_test' },
    createdAt: new Date(),
  };
}

describe('the chart', () => {
  it('says which accounts a collection with fees moves', () => {
    const rows = transfersFor(succeeded(1_000, 15, 5)).map((each) => [
      each.kind,
      keyText(each.debit),
      keyText(each.credit),
      each.amountMinor,
    ]);
    expect(rows).toEqual([
      ['collection', `|live|NGN|gateway_clearing|${GATEWAY_ACCOUNT}`, `${MERCHANT}|live|NGN|merchant_pending|`, 1_000n],
      ['gateway_fee', '|live|NGN|gateway_fees|', `|live|NGN|gateway_clearing|${GATEWAY_ACCOUNT}`, 15n],
      ['platform_fee', `${MERCHANT}|live|NGN|merchant_pending|`, '|live|NGN|platform_fees|', 5n],
    ]);
  });

  it('leaves the merchant the amount less our fee and the gateway owing the amount less its own, whatever they are', () => {
    const amounts = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(amounts, amounts, amounts, (amount, gatewayFee, fee) => {
        const platformFee = Math.min(fee, amount);
        const net = new Map<string, bigint>();
        for (const { debit, credit, amountMinor } of transfersFor(succeeded(amount, gatewayFee, platformFee))) {
          expect(amountMinor).toBeGreaterThan(0n);
          net.set(debit.kind, (net.get(debit.kind) ?? 0n) + amountMinor);
          net.set(credit.kind, (net.get(credit.kind) ?? 0n) - amountMinor);
        }
        expect(net.get('merchant_pending') ?? 0n).toBe(-(BigInt(amount) - BigInt(platformFee)));
        expect(net.get('gateway_clearing') ?? 0n).toBe(BigInt(amount) - BigInt(gatewayFee));
        expect([...net.values()].reduce((sum, each) => sum + each, 0n)).toBe(0n);
      }),
    );
  });
});
