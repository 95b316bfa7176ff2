import type { GatewayOutcome } from './gateways/gateway-adapter.js';
import type { CustomerAction } from './gateways/gateway-parts.js';
import { withoutTyped } from './typed-value.js';

const OTP: CustomerAction = { type: 'otp', value: '4821' };
const BIRTHDAY: CustomerAction = { type: 'birthday', value: '1990-02-01' };
const pending = (message: string, code = 'send_otp'): GatewayOutcome => ({
  kind: 'pending',
  code,
  nextAction: { type: 'enter_otp', message },
  handles: { id: '94821', echo: '4821' },
});

describe('an outcome of what a customer typed', () => {
  it('loses what they typed from the words of the gateway', () => {
    expect(withoutTyped(pending('4821 is wrong', 'wrong_4821'), OTP)).toEqual({
      kind: 'pending',
      code: 'withheld',
      nextAction: { type: 'enter_otp', message: 'Enter the code you were sent' },
      handles: { id: '94821' },
    });
  });

  it('keeps what is not it', () => {
    expect(withoutTyped(pending('The code is wrong', 'wrong_otp'), OTP)).toMatchObject({
      code: 'wrong_otp',
      nextAction: { message: 'The code is wrong' },
    });
  });

  it.each([
    { kind: 'unknown', code: 'bad_1990_02_01' },
    { kind: 'not_sent', code: 'date_19900201_not_known', blame: 'merchant' },
    { kind: 'declined', code: '1990-02-01', blame: 'customer', retryable: false, handles: {} },
  ] satisfies GatewayOutcome[])('knows it in other writing: $kind', (outcome) => {
    expect(withoutTyped(outcome, BIRTHDAY)).toEqual({ ...outcome, code: 'withheld' });
  });

  it('keeps the amount and the reference of a success', () => {
    const success: GatewayOutcome = {
      kind: 'succeeded',
      code: 'approved_4821',
      amountMinor: 4_821n,
      currency: 'GHS',
      reference: 'a4821',
      feeMinor: null,
      handles: { id: '7' },
    };
    expect(withoutTyped(success, OTP)).toEqual({ ...success, code: 'withheld' });
  });
});
