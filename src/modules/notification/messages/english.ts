import { listed, moment, money, shortMoment, type Catalogue, type Piece, type Wording } from './wording.js';
import type { MessageData, Outage, Personal } from './message-kinds.js';

const LANGUAGE = 'en';
const hello = ({ name }: Personal): Piece => ({ text: name === undefined ? 'Hello,' : `Hello ${name},` });
const mode = (livemode: boolean): string => (livemode ? 'live' : 'test');
const trial = (livemode: boolean): string => (livemode ? '' : '[TEST] ');
const more = (count: number): string => `And ${count} more. The back-office has them all.`;
const TEAM = 'You get this because you have an account in the back-office.';
const OPERATIONS = 'You get this because this address is set for alerts.';
const MEMBER = 'You get this because you are told what concerns your merchant.';
const WHY = { gone: 'it answered that it is gone (410)', failing: 'it has failed for five days' } as const;

function notice(personal: Personal, at: string, subject: string, what: string, otherwise: string): Wording {
  return {
    subject,
    pieces: [hello(personal), { text: `${what} It happened on ${moment(LANGUAGE, at)}.` }, { text: otherwise }],
    because: TEAM,
    sms: [],
  };
}

const NOT_YOU =
  'If this was not you, somebody else may have access to your account: tell whoever manages your team at once.';

function keyNotice(personal: Personal, subject: string, what: string, at: string, short: string = what): Wording {
  return {
    subject,
    pieces: [
      hello(personal),
      { text: `${what} on ${moment(LANGUAGE, at)}.` },
      { text: 'If you do not know why, ask whoever looks after you at Sankofa at once.' },
    ],
    because: MEMBER,
    sms: [`Sankofa: ${short} on ${shortMoment(at)}.`],
  };
}

function payouts(
  { livemode, payouts: shown, total }: MessageData['member_payout_failed'],
  personal: Personal,
  [one, several]: readonly [one: string, several: string],
  what: string,
): Wording {
  const subject = total === 1 ? one : `${total} ${several}`;
  return {
    subject: `${trial(livemode)}${subject}`,
    pieces: [
      hello(personal),
      { text: `${subject} (${mode(livemode)}). ${what}` },
      ...listed(
        { items: shown },
        total,
        ({ payout, amount, currency, reason }) => [payout, `${money(LANGUAGE, amount, currency)}, ${reason}`],
        (rest) => `And ${rest} more. GET /v1/payouts has them all.`,
      ),
    ],
    because: MEMBER,
    sms: [
      `${trial(livemode)}Sankofa: ${subject}.`,
      ...shown.map(({ payout, amount, currency }) => ` ${payout} ${money(LANGUAGE, amount, currency)}.`),
    ],
  };
}

function receipt(data: MessageData['receipt_payment'], subject: string, what: string, sms: string): Wording {
  const test: readonly Piece[] = data.livemode ? [] : [{ text: 'This is a test: no money has moved.' }];
  return {
    subject: `${trial(data.livemode)}${subject}`,
    pieces: [
      ...test,
      { text: what },
      {
        facts: [
          ['Amount', money(LANGUAGE, data.amount, data.currency)],
          ['Merchant', data.merchant],
          ...(data.reference === undefined ? [] : [['Reference', data.reference] as const]),
          ['Time', moment(LANGUAGE, data.at)],
        ],
      },
    ],
    because: `You get this because ${data.merchant} sends its customers receipts.`,
    sms: [
      `${trial(data.livemode)}${sms} on ${shortMoment(data.at)}.`,
      ...(data.reference === undefined ? [] : [` Ref ${data.reference}.`]),
    ],
  };
}

export const english: Catalogue = {
  admin_invited: ({ role, expires_at }, personal) => ({
    subject: 'You are invited to Sankofa',
    pieces: [
      hello(personal),
      { text: `You are invited to work in the Sankofa back-office, as ${role}. Choose a password to begin:` },
      ...(personal.link === undefined ? [] : [{ link: personal.link, label: 'Accept the invitation' }]),
      { text: `The link works once, until ${moment(LANGUAGE, expires_at)}. Give it to nobody.` },
    ],
    because: 'You get this because somebody invited this address. If you do not know why, do nothing.',
    sms: [],
  }),
  admin_password_changed: ({ at }, personal) =>
    notice(
      personal,
      at,
      'Your password was changed',
      'The password of your account was changed, and your other sessions were ended.',
      NOT_YOU,
    ),
  admin_second_factor_set_up: ({ at }, personal) =>
    notice(
      personal,
      at,
      'A second factor was set up',
      'An authenticator app was set up as the second factor of your account.',
      NOT_YOU,
    ),
  admin_second_factor_removed: ({ at }, personal) =>
    notice(
      personal,
      at,
      'Your second factor was removed',
      'The second factor of your account was removed, and your sessions were ended. You set up another when you sign in.',
      'If you did not ask for that, tell whoever manages your team at once.',
    ),
  admin_recovery_code_used: ({ at }, personal) =>
    notice(
      personal,
      at,
      'A recovery code was used',
      'Somebody signed in to your account with one of your recovery codes.',
      NOT_YOU,
    ),
  admin_disabled: ({ at }, personal) =>
    notice(
      personal,
      at,
      'Your account was disabled',
      'Your account was disabled, and your sessions were ended.',
      'If you do not know why, ask whoever manages your team.',
    ),
  alert_funds_short: (data, _, count) => ({
    subject: 'Alert: customer funds are not covered',
    pieces: [
      { text: 'What gateways and banks hold does not cover what merchants and customers are owed.' },
      ...listed(
        data,
        count,
        (item) => [
          `${item.currency}, ${mode(item.livemode)}`,
          `${money(LANGUAGE, item.shortfall, item.currency)} short`,
        ],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [
      'Sankofa ALERT: customer funds are not covered.',
      ...data.items.map((item) => ` ${money(LANGUAGE, item.shortfall, item.currency)} short (${mode(item.livemode)}).`),
    ],
  }),
  alert_books_differ: (data, _, count) => ({
    subject: 'Alert: books and gateways differ',
    pieces: [
      { text: "Reconciliation has found days on which our books and a gateway's differ." },
      ...listed(
        data,
        count,
        (item) => [`${item.gateway}, ${item.day}, ${mode(item.livemode)}`, `${item.open_breaks} open breaks`],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [
      'Sankofa ALERT: books and gateways differ.',
      ...data.items.map((item) => ` ${item.gateway} ${item.day}: ${item.open_breaks} breaks (${mode(item.livemode)}).`),
    ],
  }),
  alert_ledger_drifted: (data, _, count) => ({
    subject: 'Alert: an account of the ledger does not add up',
    pieces: [
      { text: 'Accounts of the ledger are not what their entries add up to.' },
      ...listed(
        data,
        count,
        (item) => [
          `${item.account}, ${item.currency}, ${mode(item.livemode)}`,
          item.frozen ? 'frozen' : 'not frozen: it goes on',
        ],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [
      `Sankofa ALERT: ${count} account(s) of the ledger do not add up.`,
      ...data.items.map((item) => ` ${item.account}${item.frozen ? ' frozen' : ''}.`),
    ],
  }),
  alert_gateway_shut_out: (data, _, count) => ({
    subject: 'Alert: gateways are shut out',
    pieces: [
      {
        text: 'These fail, and are sent nothing but probes until they work again. Others take their place where there are any.',
      },
      ...listed(data, count, (item) => [outage(item), `since ${moment(LANGUAGE, item.at)}`], more),
    ],
    because: OPERATIONS,
    sms: [`Sankofa ALERT: ${count} shut out.`, ...data.items.map((item) => ` ${outage(item)}.`)],
  }),
  alert_gateway_back: (data, _, count) => ({
    subject: 'Over: gateways work again',
    pieces: [
      { text: 'These were shut out, and have worked again for a minute.' },
      ...listed(
        data,
        count,
        (item) => [outage(item), `after ${item.minutes} min, at ${moment(LANGUAGE, item.at)}`],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [`Sankofa: ${count} work again.`, ...data.items.map((item) => ` ${outage(item)}.`)],
  }),
  alert_endpoint_disabled: (data, _, count) => ({
    subject: 'Alert: webhook endpoints were disabled',
    pieces: [
      { text: 'These webhook endpoints are sent nothing any more.' },
      ...listed(
        data,
        count,
        (item) => [`${item.endpoint} of ${item.merchant}, ${mode(item.livemode)}`, WHY[item.reason]],
        more,
      ),
    ],
    because: OPERATIONS,
    sms: [
      `Sankofa ALERT: ${count} webhook endpoint(s) disabled.`,
      ...data.items.map((item) => ` ${item.endpoint} (${mode(item.livemode)}).`),
    ],
  }),
  merchant_endpoint_disabled: ({ endpoint, reason, livemode }) => ({
    subject: `${trial(livemode)}A webhook endpoint was disabled`,
    pieces: [
      {
        text: `Your webhook endpoint ${endpoint} (${mode(livemode)}) is sent nothing any more: ${WHY[reason]}.`,
      },
      {
        text: `What happens meanwhile is in GET /v1/events. When it works again: POST /v1/webhook_endpoints/${endpoint}/enable.`,
      },
    ],
    because: 'You get this because this address is the contact in your notification settings.',
    sms: [],
  }),
  member_endpoint_disabled: ({ endpoint, reason, livemode }, personal) => ({
    subject: `${trial(livemode)}A webhook endpoint was disabled`,
    pieces: [
      hello(personal),
      { text: `The webhook endpoint ${endpoint} (${mode(livemode)}) is sent nothing any more: ${WHY[reason]}.` },
      {
        text: `What happens meanwhile is in GET /v1/events. When it works again: POST /v1/webhook_endpoints/${endpoint}/enable.`,
      },
    ],
    because: MEMBER,
    sms: [`${trial(livemode)}Sankofa: webhook endpoint ${endpoint} was disabled.`],
  }),
  member_api_key_created: ({ key, livemode, at }, personal) =>
    keyNotice(
      personal,
      `${trial(livemode)}An API key was created`,
      `The API key ${key} (${mode(livemode)}) was created`,
      at,
    ),
  member_api_key_rolled: ({ key, ends_at: endsAt, at }, personal) =>
    keyNotice(
      personal,
      'An API key was rolled',
      `Another key takes the place of the API key ${key}, which ends on ${moment(LANGUAGE, endsAt)}. It was rolled`,
      at,
      `API key ${key} was rolled`,
    ),
  member_api_key_revoked: ({ key, at }, personal) =>
    keyNotice(
      personal,
      'An API key was revoked',
      `The API key ${key} was revoked, and works no more`,
      at,
      `API key ${key} was revoked`,
    ),
  member_payout_failed: (data, personal) =>
    payouts(
      data,
      personal,
      ['A payout failed', 'payouts failed'],
      'Nothing was paid out, and what was held is yours again.',
    ),
  member_payout_returned: (data, personal) =>
    payouts(
      data,
      personal,
      ['A payout came back', 'payouts came back'],
      'The money had been sent, and the receiver does not have it.',
    ),
  member_members_changed: ({ what, member, at }, personal) => {
    const happened = `${member} was ${what}`;
    return {
      subject: 'Whom Sankofa tells about your merchant was changed',
      pieces: [
        hello(personal),
        { text: `The member ${happened} on ${moment(LANGUAGE, at)}.` },
        { text: 'If you do not know why, ask whoever looks after you at Sankofa.' },
      ],
      because: MEMBER,
      sms: [`Sankofa: member ${happened} on ${shortMoment(at)}.`],
    };
  },
  receipt_payment: (data) => {
    const amount = money(LANGUAGE, data.amount, data.currency);
    const what = `You paid ${amount} to ${data.merchant}`;
    return receipt(data, `Receipt: ${amount} to ${data.merchant}`, `${what}. Thank you.`, what);
  },
  receipt_refund: (data) => {
    const amount = money(LANGUAGE, data.amount, data.currency);
    const what = `${data.merchant} has refunded ${amount} to you`;
    return receipt(data, `Refund: ${amount} from ${data.merchant}`, `${what}.`, what);
  },
};

function outage({ gateway, livemode, network }: Pick<Outage, 'gateway' | 'livemode' | 'network'>): string {
  if (gateway === null || livemode === null) return `${network}, at every gateway`;
  return `${gateway}, ${network}, ${mode(livemode)}`;
}
