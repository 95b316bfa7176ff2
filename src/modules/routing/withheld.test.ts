import { shownBody, shownHandles } from './withheld.js';

const bodyOf = (body: unknown): unknown => shownBody(Buffer.from(JSON.stringify(body)));

describe('the body of a webhook, as operators see it', () => {
  it('keeps what tells of the money and withholds who paid', () => {
    expect(
      bodyOf({
        event: 'charge.success',
        data: {
          reference: 'r1',
          amount: 100,
          currency: 'NGN',
          status: 'success',
          customer: { id: 5, email: 'a@b.co', first_name: 'Ama', phone: '+233' },
          authorization: { authorization_code: 'AUTH_x', last4: '4081', channel: 'card' },
          Data: [{ CustomerMsisdn: '233', RecipientName: null, Amount: 0.8 }],
        },
      }),
    ).toEqual({
      event: 'charge.success',
      data: {
        reference: 'r1',
        amount: 100,
        currency: 'NGN',
        status: 'success',
        customer: { id: 5, email: '[withheld]', first_name: '[withheld]', phone: '[withheld]' },
        authorization: { authorization_code: '[withheld]', last4: '[withheld]', channel: 'card' },
        Data: [{ CustomerMsisdn: '[withheld]', RecipientName: null, Amount: 0.8 }],
      },
    });
  });

  it('withholds what opens something, and what nests without end', () => {
    expect(bodyOf({ status: 'SUCCESS', notif_token: 't' })).toEqual({ status: 'SUCCESS', notif_token: '[withheld]' });
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as unknown;
    expect(JSON.stringify(bodyOf(deep))).toContain('[withheld]');
  });

  it('is not shown when it is no JSON', () => {
    expect(shownBody(Buffer.from('phone=233'))).toBeNull();
  });
});

it('a gateway’s own ids are shown, and tokens are not', () => {
  expect(shownHandles({ id: '7', flw_ref: 'F', pay_token: 'p', notif_token: 'n' })).toEqual({ id: '7', flw_ref: 'F' });
});
