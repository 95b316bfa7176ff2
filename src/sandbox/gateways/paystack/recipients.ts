import type { Call, Reply, Route } from '../../gateway.js';
import { asObject, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import { created, refuse, TROUBLE } from './answers.js';

/** The currencies that each type of receiver is paid in. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  nuban: ['NGN'],
  ghipss: ['GHS'],
  mobile_money: ['GHS', 'KES', 'XOF'],
  kepss: ['KES'],
  basa: ['ZAR'],
  authorization: ['NGN', 'GHS', 'KES', 'ZAR', 'XOF', 'USD'],
};

/** Whom money can be sent to; it has to be known before the transfer. */
export interface Recipient {
  readonly id: number;
  readonly code: string;
  readonly type: string;
  readonly name: string;
  readonly accountNumber: string | undefined;
  readonly bankCode: string | undefined;
  readonly currency: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The receivers of all accounts. They outlive a reset of the books, as accounts do. */
export class Recipients {
  private readonly byContent = new Map<string, Recipient>();
  private readonly byCode = new Map<string, Recipient>();

  /** @returns the receiver; one and the same for the same account, type, number and currency, whatever the name. */
  put(account: string, told: Omit<Recipient, 'id' | 'code' | 'createdAt'>): Recipient {
    const { type, accountNumber, bankCode, currency } = told;
    const content = [account, type, accountNumber, bankCode, currency].join(' ');
    const known = this.byContent.get(content);
    if (known !== undefined) return known;
    const id = this.byContent.size + 1;
    const recipient = { ...told, id, code: `RCP_sandbox${id.toString(36).padStart(6, '0')}`, createdAt: Date.now() };
    this.byContent.set(content, recipient);
    this.byCode.set(`${account} ${recipient.code}`, recipient);
    return recipient;
  }

  get(account: string, code: string): Recipient | undefined {
    return this.byCode.get(`${account} ${code}`);
  }
}

export function recipientRoutes(recipients: Recipients): Route[] {
  const create = (call: Call): Reply => {
    const body = asObject(parseJson(call.request.body));
    if (body === undefined) return { answer: TROUBLE.malformedBody };
    const told = readRecipient(body);
    if ('status' in told) return { answer: told };
    const recipient = recipients.put(call.account.name, told);
    return { answer: created('Transfer recipient created successfully', recipientData(recipient)) };
  };
  return [{ method: 'POST', path: /^\/transferrecipient\/?$/, operation: 'other', handle: create }];
}

export function recipientData(recipient: Recipient): JsonObject {
  const at = new Date(recipient.createdAt).toISOString();
  return {
    active: true,
    createdAt: at,
    currency: recipient.currency,
    domain: 'test',
    id: recipient.id,
    integration: 1,
    name: recipient.name,
    recipient_code: recipient.code,
    type: recipient.type,
    updatedAt: at,
    is_deleted: false,
    details: {
      authorization_code: null,
      account_number: recipient.accountNumber ?? null,
      account_name: null,
      bank_code: recipient.bankCode ?? null,
      bank_name: 'Test Bank',
    },
  };
}

function readRecipient(body: JsonObject): Omit<Recipient, 'id' | 'code' | 'createdAt'> | Answer {
  const type = text(body, 'type') ?? '';
  const currencies = TYPES[type];
  if (currencies === undefined) return invalid('Type is not a valid recipient type', 'invalid_params');
  const name = text(body, 'name');
  if (name === undefined) return invalid('Name is required', 'missing_params');
  const currency = text(body, 'currency') ?? currencies[0] ?? '';
  if (!currencies.includes(currency)) {
    return invalid('Currency is not supported for this recipient type', 'unsupported_currency');
  }
  const accountNumber = text(body, 'account_number');
  const bankCode = text(body, 'bank_code');
  const isSaved = type === 'authorization';
  if (isSaved && text(body, 'authorization_code') === undefined) {
    return invalid('Authorization code is required', 'missing_params');
  }
  if (!isSaved && (bankCode === undefined || !/^\+?\d{6,20}$/.test(accountNumber ?? ''))) {
    return invalid('Account number and bank code are required', 'missing_params');
  }
  return { type, name, accountNumber: accountNumber ?? text(body, 'authorization_code'), bankCode, currency };
}

function invalid(message: string, code: string): Answer {
  return refuse(400, message, 'validation_error', code);
}
