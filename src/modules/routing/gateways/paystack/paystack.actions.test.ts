import { GatewayHttpClient, type HttpAnswer } from '../http-client.js';
import type { GatewayOutcome } from '../gateway-adapter.js';
import type { CustomerAction } from '../gateway-parts.js';
import { PATIENT_MS, startScriptedGateway } from '../testing/scripted-gateway.js';
import { PaystackActions, readAction } from './paystack.actions.js';
import { PaystackCalls } from './paystack.calls.js';

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

function read(status: number, body: object, type: CustomerAction['type'] = 'otp'): GatewayOutcome {
  const answer: HttpAnswer = { kind: 'answered', status, body: Buffer.from(JSON.stringify(body)) };
  return readAction(answer, type, 'NGN');
}

describe('what a customer typed, at Paystack', () => {
  it.each([
    ['otp', '/charge/submit_otp'],
    ['pin', '/charge/submit_pin'],
    ['phone', '/charge/submit_phone'],
    ['birthday', '/charge/submit_birthday'],
  ] as const)('goes to the address for %s', async (type, path) => {
    const http = new GatewayHttpClient();
    const gateway = await startScriptedGateway();
    gateway.answerWith(() => ({ status: 200, body: { status: true, data: { id: 7, status: 'pending' } } }));
    const account = { id: 'a', gateway: 'paystack', name: 'main', livemode: false, baseUrl: gateway.baseUrl };
    const outcome = await new PaystackActions(new PaystackCalls(http)).submit(
      { ...account, credentials: { secret_key: 'k' } },
      { reference: REFERENCE, handles: {}, currency: 'NGN', action: { type, value: '1234' }, timeoutMs: PATIENT_MS },
    );
    expect(outcome).toMatchObject({ kind: 'pending', handles: { id: '7' } });
    expect(gateway.calls[0]).toMatchObject({ method: 'POST', url: path });
    expect(JSON.parse(gateway.calls[0]?.body ?? '')).toEqual({ reference: REFERENCE, [type]: '1234' });
    await http.close();
    await gateway.close();
  });

  it('ends like a charge', () => {
    const data = { id: 7, reference: REFERENCE, amount: 100, currency: 'NGN' };
    expect(read(200, { status: true, data: { ...data, status: 'success' } })).toMatchObject({ kind: 'succeeded' });
    expect(
      read(200, { status: true, data: { ...data, status: 'failed', gateway_response: 'Declined' } }),
    ).toMatchObject({
      kind: 'declined',
      code: 'declined',
    });
    expect(read(400, { status: false, data: { ...data, status: 'failed' } })).toMatchObject({ kind: 'declined' });
  });

  it.each([
    ['told by the charge', 200, { status: true, data: { status: 'send_otp', display_text: 'Again' } }],
    ['told by a refusal', 400, { status: false, message: 'Invalid OTP' }],
    ['told by a refusal in other words', 400, { status: false, message: 'The token is incorrect' }],
  ])('may be typed again when it was wrong: %s', (_name, status, body) => {
    expect(read(status, body)).toMatchObject({ kind: 'pending', nextAction: { type: 'enter_otp' } });
  });

  it.each(['pin', 'phone', 'birthday'] as const)('says so of every kind: %s', (type) => {
    expect(read(400, { status: false, message: `Invalid ${type}` }, type)).toEqual({
      kind: 'pending',
      code: `wrong_${type}`,
      nextAction: { type: `enter_${type}`, message: `Invalid ${type}` },
      handles: {},
    });
  });

  it.each([
    ['a refusal whose text would decline a charge', 400, { status: false, message: 'Insufficient Funds' }, 'not_sent'],
    ['a used reference', 400, { status: false, code: 'duplicate_reference' }, 'not_sent'],
    ['a reference that is not known', 400, { status: false, message: 'Transaction reference not found' }, 'not_sent'],
    ['a success told as an error', 400, { status: false, data: { status: 'success' } }, 'unknown'],
    ['a failing processor', 400, { status: false, type: 'processor_error' }, 'unknown'],
    ['a server error', 500, { status: false }, 'unknown'],
  ])('declines and finds nothing by %s', (_name, status, body, kind) => {
    expect(read(status, body).kind).toBe(kind);
  });
});
