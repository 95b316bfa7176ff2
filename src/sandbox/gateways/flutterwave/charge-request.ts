import { accountNumber } from '../../account-number.js';
import { exponentOf, minorFromMajor } from '../../money.js';
import type { Customer, NewCharge } from '../../transactions.js';
import { asObject, text, type Answer, type JsonObject } from '../../wire.js';
import { refuse } from './answers.js';

/** Each charge type's currencies, its word in `payment_type`, and the shape of its answer. */
interface MethodFacts {
  readonly currencies: readonly string[];
  readonly paymentType: string;
  readonly authModel: string;
  /** `redirect`: only an address to send the customer to, no `data` and so no id. `transfer`: only an account to pay into. */
  readonly shape: 'redirect' | 'transfer' | 'callback' | 'ussd' | 'plain';
  readonly needsNetwork?: boolean;
}

const METHODS: ReadonlyMap<string, MethodFacts> = new Map<string, MethodFacts>([
  [
    'mobile_money_ghana',
    {
      currencies: ['GHS'],
      paymentType: 'mobilemoneygh',
      authModel: 'MOBILEMONEY',
      shape: 'redirect',
      needsNetwork: true,
    },
  ],
  [
    'mobile_money_rwanda',
    { currencies: ['RWF'], paymentType: 'mobilemoneyrw', authModel: 'MOBILEMONEY', shape: 'redirect' },
  ],
  [
    'mobile_money_uganda',
    { currencies: ['UGX'], paymentType: 'mobilemoneyug', authModel: 'MOBILEMONEY', shape: 'redirect' },
  ],
  [
    'mobile_money_zambia',
    { currencies: ['ZMW'], paymentType: 'mobilemoneyzm', authModel: 'MOBILEMONEY', shape: 'redirect' },
  ],
  [
    'mobile_money_tanzania',
    { currencies: ['TZS'], paymentType: 'mobilemoneytz', authModel: 'MOBILEMONEY', shape: 'plain' },
  ],
  [
    'mobile_money_franco',
    { currencies: ['XOF', 'XAF'], paymentType: 'mobilemoneysn', authModel: 'AUTH', shape: 'callback' },
  ],
  ['mpesa', { currencies: ['KES'], paymentType: 'mpesa', authModel: 'LIPA_MPESA', shape: 'plain' }],
  ['bank_transfer', { currencies: ['NGN', 'GHS'], paymentType: 'bank_transfer', authModel: 'AUTH', shape: 'transfer' }],
  ['ussd', { currencies: ['NGN'], paymentType: 'ussd', authModel: 'USSD', shape: 'ussd' }],
]);

/** What every request that creates a charge has. */
export interface ChargeRequest {
  readonly body: JsonObject;
  readonly txRef: string;
  /** Integer minor units by ISO 4217. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: Customer;
  readonly redirectUrl: string | undefined;
  readonly narration: string | undefined;
}

export function readCharge(body: JsonObject): ChargeRequest | Answer {
  const txRef = text(body, 'tx_ref');
  if (txRef === undefined) return refuse(400, 'tx_ref is required');
  const currency = text(body, 'currency');
  const exponent = currency === undefined ? undefined : exponentOf(currency);
  if (currency === undefined || exponent === undefined)
    return refuse(400, 'currency is required and must be a supported currency');
  const amountMinor = minorFromMajor(body['amount'], exponent);
  if (amountMinor === undefined || amountMinor <= 0)
    return refuse(400, `amount must be a positive number with at most ${exponent} decimals`);
  const nested = asObject(body['customer']);
  const email = text(body, 'email') ?? text(nested, 'email');
  if (email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email)) return refuse(400, 'email is required');
  const phone = text(body, 'phone_number') ?? text(nested, 'phonenumber') ?? text(nested, 'phone_number');
  const name = text(body, 'fullname') ?? text(nested, 'name');
  return {
    body,
    txRef,
    amountMinor,
    currency,
    customer: { email, ...(phone === undefined ? {} : { phone }), ...(name === undefined ? {} : { name }) },
    redirectUrl: text(body, 'redirect_url'),
    narration: text(body, 'narration'),
  };
}

/** @returns how to charge what `?type=` names. */
export function readMethod(
  type: string | null,
  request: ChargeRequest,
): Pick<NewCharge, 'channel' | 'start' | 'detail'> | Answer {
  if (type === 'card') return readCard(request);
  const facts = METHODS.get(type ?? '');
  if (facts === undefined) return refuse(400, `type must be one of ${[...METHODS.keys(), 'card'].join(', ')}`);
  if (!facts.currencies.includes(request.currency)) {
    return refuse(400, `${request.currency} is not supported for ${type ?? ''}; use ${facts.currencies.join(' or ')}`);
  }
  const isMobile = facts.shape === 'redirect' || facts.shape === 'callback' || facts.shape === 'plain';
  if (isMobile && !/^\+?\d{6,15}$/.test(request.customer.phone ?? '')) return refuse(400, 'phone_number is required');
  if (facts.needsNetwork === true && text(request.body, 'network') === undefined)
    return refuse(400, 'network is required');
  if (facts.shape === 'ussd' && text(request.body, 'account_bank') === undefined)
    return refuse(400, 'account_bank is required');
  const { shape, authModel } = facts;
  const account = shape === 'transfer' ? { accountNumber: accountNumber() } : {};
  const bank = shape === 'ussd' ? { bank: text(request.body, 'account_bank') } : {};
  return { channel: facts.paymentType, start: 'asked', detail: { shape, authModel, ...account, ...bank } };
}

export function readToken({ body }: ChargeRequest): Pick<NewCharge, 'channel' | 'start' | 'detail'> | Answer {
  if (text(body, 'token') === undefined) return refuse(400, 'token is required');
  return { channel: 'card', start: 'instant', detail: { shape: 'plain', authModel: 'noauth' } };
}

/** Card numbers have no place in a sandbox; a saved card is charged, any other customer is sent to the page or asked for an OTP. */
function readCard(request: ChargeRequest): Pick<NewCharge, 'channel' | 'start' | 'detail'> | Answer {
  const { body } = request;
  if (body['client'] !== undefined || body['card_number'] !== undefined) {
    return refuse(400, 'The sandbox takes no card data: send a token, or authorization.mode "redirect" or "pin"');
  }
  if (text(body, 'token') !== undefined) return readToken(request);
  const mode = text(asObject(body['authorization']), 'mode');
  // The step after the PIN: the bank has sent its customer an OTP.
  if (mode === 'pin') return { channel: 'card', start: 'invited', detail: { shape: 'otp', authModel: 'PIN' } };
  if (mode !== 'redirect') return refuse(400, 'token, or authorization.mode "redirect" or "pin", is required');
  return { channel: 'card', start: 'invited', detail: { shape: 'card_redirect', authModel: 'VBVSECURECODE' } };
}
