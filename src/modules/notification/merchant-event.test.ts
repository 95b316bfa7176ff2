import { notifyMerchants } from '../../contracts/consumers.js';
import { paymentCreated, paymentSucceeded } from '../../contracts/payments.events.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { MERCHANT_EVENT_TYPES, toMerchantEvent } from './merchant-event.js';

const source = {
  id: newUuid(),
  type: paymentSucceeded.type,
  aggregateType: 'payment',
  aggregateId: newUuid(),
  merchantId: newUuid(),
  payload: { livemode: true, resource: { object: 'payment', id: 'pay_1', amount: 1_500, currency: 'XOF' } },
  headers: { correlation_id: 'req_1' },
  createdAt: new Date('2026-01-31T12:00:00.123Z'),
};

describe('an event for merchants', () => {
  it('holds the resource, named as the resource names it', () => {
    const event = toMerchantEvent('018f2f6e-0000-7000-8000-000000000001', source);
    expect(event).toMatchObject({
      type: 'payment.succeeded',
      livemode: true,
      merchantId: source.merchantId,
      sourceEventId: source.id,
    });
    expect(JSON.parse(event.body)).toEqual({
      id: expect.stringMatching(/^evt_[0-9a-z]{26}$/),
      object: 'event',
      type: 'payment.succeeded',
      created_at: '2026-01-31T12:00:00.123Z',
      livemode: true,
      data: { object: 'payment', id: 'pay_1', amount: 1_500, currency: 'XOF' },
    });
  });

  it('is made of everything the module hears of, each under a name of its own', () => {
    const names = notifyMerchants.types.map((type) => toMerchantEvent(newUuid(), { ...source, type }).type);
    expect(new Set(names)).toEqual(new Set(MERCHANT_EVENT_TYPES));
    expect(names).toHaveLength(MERCHANT_EVENT_TYPES.length);
    // `payments.payout_returned.v1` is `payout.returned`.
    for (const [index, name] of names.entries()) {
      const type = notifyMerchants.types[index];
      expect(type === 'payments.payment_action_required.v1' || type === `payments.${name.replace('.', '_')}.v1`).toBe(
        true,
      );
    }
  });

  it('cannot be made from an event without a merchant, without a resource, or of another kind', () => {
    expect(() => toMerchantEvent(newUuid(), { ...source, merchantId: null })).toThrow('no merchant');
    expect(() => toMerchantEvent(newUuid(), { ...source, payload: null })).toThrow('no resource');
    expect(() => toMerchantEvent(newUuid(), { ...source, type: paymentCreated.type })).toThrow('not told about');
  });
});
