/** Which methods and networks go with which currency, and which fields belong to which method. Pure. */
import type { PaymentMethod } from '../../contracts/shared.js';
import { DomainError, type FieldError } from '../../kernel/errors/domain-error.js';
import type { Currency } from '../../kernel/money/money.js';

/** Mobile-money wallets per currency area. NGN has none that a gateway of ours collects from. */
export const NETWORKS: Readonly<Record<Currency, readonly string[]>> = {
  GHS: ['mtn', 'telecel', 'airteltigo'],
  XOF: ['mtn', 'orange', 'moov', 'wave', 'free', 'tmoney'],
  XAF: ['mtn', 'orange'],
  GNF: ['mtn', 'orange'],
  NGN: [],
};

/** Paying into an account made for the payment, and dialling a bank's code, exist in Nigeria. */
const BANK_METHOD_CURRENCIES: readonly Currency[] = ['NGN'];
const CARD_CURRENCIES: readonly Currency[] = ['NGN', 'GHS', 'XOF', 'XAF'];

/** The method as it came, every field optional: the DTO has checked types and lengths only. */
export interface GivenMethod {
  readonly type: string;
  readonly network?: string | undefined;
  readonly phone?: string | undefined;
  readonly token?: string | undefined;
  readonly bank?: string | undefined;
}

const FIELDS: Readonly<
  Record<PaymentMethod['type'], { readonly required: readonly string[]; readonly optional: readonly string[] }>
> = {
  mobile_money: { required: ['network', 'phone'], optional: [] },
  card: { required: [], optional: ['token'] },
  bank_transfer: { required: [], optional: [] },
  ussd: { required: ['bank'], optional: [] },
};

export const METHOD_TYPES = Object.keys(FIELDS) as PaymentMethod['type'][];

/**
 * Makes a method of what was given.
 * @throws {DomainError} `request.invalid` for fields missing or out of place, `payment.method_not_supported` for a combination nobody takes.
 */
export function readMethod(given: GivenMethod, currency: Currency): PaymentMethod {
  const type = METHOD_TYPES.find((each) => each === given.type);
  if (type === undefined)
    throw new DomainError('request.invalid', { errors: [{ pointer: '/method/type', code: 'is_in' }] });
  const { required, optional } = FIELDS[type];
  const present = Object.entries(given)
    .filter(([name, value]) => name !== 'type' && value !== undefined)
    .map(([name]) => name);
  const errors: FieldError[] = [
    ...required
      .filter((name) => !present.includes(name))
      .map((name) => ({ pointer: `/method/${name}`, code: 'required' })),
    ...present
      .filter((name) => !required.includes(name) && !optional.includes(name))
      .map((name) => ({ pointer: `/method/${name}`, code: 'unknown_field' })),
  ];
  if (errors.length > 0) throw new DomainError('request.invalid', { errors });
  const method = assemble(type, given);
  if (!isOffered(method, currency)) {
    throw new DomainError('payment.method_not_supported', {
      detail: `${method.type} does not go with ${currency}${method.type === 'mobile_money' ? ` on ${method.network}` : ''}.`,
    });
  }
  return method;
}

function assemble(type: PaymentMethod['type'], given: GivenMethod): PaymentMethod {
  switch (type) {
    case 'mobile_money':
      return { type, network: given.network ?? '', phone: given.phone ?? '' };
    case 'card':
      return given.token === undefined ? { type } : { type, token: given.token };
    case 'ussd':
      return { type, bank: given.bank ?? '' };
    case 'bank_transfer':
      return { type };
  }
}

function isOffered(method: PaymentMethod, currency: Currency): boolean {
  switch (method.type) {
    case 'mobile_money':
      return NETWORKS[currency].includes(method.network);
    case 'card':
      return CARD_CURRENCIES.includes(currency);
    case 'bank_transfer':
    case 'ussd':
      return BANK_METHOD_CURRENCIES.includes(currency);
  }
}
