/** Where a payout may go: which fields belong to which kind of destination, and which go with which currency. Pure. */
import type { PayoutDestination } from '../../../contracts/shared.js';
import type { FieldError } from '../../../kernel/errors/domain-error.js';
import type { Currency } from '../../../kernel/money/money.js';
import { NETWORKS } from '../method-rules.js';

/** The destination as it came, every field optional: the DTO has checked types and lengths only. */
export interface GivenDestination {
  readonly type: string;
  readonly network?: string | undefined;
  readonly phone?: string | undefined;
  readonly bank_code?: string | undefined;
  readonly account_number?: string | undefined;
  readonly name?: string | undefined;
}

const FIELDS: Readonly<Record<PayoutDestination['type'], readonly string[]>> = {
  mobile_money: ['network', 'phone', 'name'],
  bank_account: ['bank_code', 'account_number', 'name'],
};

export const DESTINATION_TYPES = Object.keys(FIELDS) as PayoutDestination['type'][];

/**
 * Country codes whose wallets hold the currency. A wallet elsewhere holds another one: what is sent there is lost, or arrives as
 * something else. XOF: Senegal, Mali, Côte d'Ivoire, Burkina Faso, Niger, Togo, Benin, Guinea-Bissau. XAF: Chad, the Central
 * African Republic, Cameroon, Equatorial Guinea, Gabon, Congo.
 */
const COUNTRY_CODES: Readonly<Record<Currency, readonly string[]>> = {
  NGN: ['234'],
  GHS: ['233'],
  GNF: ['224'],
  XOF: ['221', '223', '225', '226', '227', '228', '229', '245'],
  XAF: ['235', '236', '237', '240', '241', '242'],
};

interface BankRules {
  readonly bankCode: RegExp;
  readonly accountNumber: RegExp;
}

/**
 * Where a gateway of ours pays into bank accounts. Nigeria: CBN codes of three digits, six for other institutions, and NUBAN account
 * numbers of ten digits (their check digit is not ours to judge: newer institutions do not follow it, and the gateway asks the bank).
 * Ghana: GhIPSS sort codes of six digits, some with GH before them, and account numbers as long as the bank likes.
 */
const BANKS: Readonly<Partial<Record<Currency, BankRules>>> = {
  NGN: { bankCode: /^(?:\d{3}|\d{6})$/, accountNumber: /^\d{10}$/ },
  GHS: { bankCode: /^(?:GH)?\d{6}$/, accountNumber: /^\d{6,20}$/ },
};

export const NOT_SUPPORTED = 'destination_not_supported';

export type DestinationReading =
  | { readonly destination: PayoutDestination; readonly errors?: never }
  /** One of {@link NOT_SUPPORTED} stands alone: the fields are right, but nobody pays there in this currency. */
  | { readonly destination?: never; readonly errors: readonly FieldError[] };

/** @param parent where it stands: `/destination`, `/payouts/17/destination` */
export function readDestination(given: GivenDestination, currency: Currency, parent: string): DestinationReading {
  const type = DESTINATION_TYPES.find((each) => each === given.type);
  if (type === undefined) return { errors: [{ pointer: `${parent}/type`, code: 'is_in' }] };
  const present = Object.entries(given)
    .filter(([name, value]) => name !== 'type' && value !== undefined && value !== null)
    .map(([name]) => name);
  const misplaced: FieldError[] = [
    ...FIELDS[type]
      .filter((name) => !present.includes(name))
      .map((name) => ({ pointer: `${parent}/${name}`, code: 'required' })),
    ...present
      .filter((name) => !FIELDS[type].includes(name))
      .map((name) => ({ pointer: `${parent}/${name}`, code: 'unknown_field' })),
  ];
  if (misplaced.length > 0) return { errors: misplaced };
  const destination = assemble(type, given);
  const errors = errorsOf(destination, currency, parent);
  return errors.length > 0 ? { errors } : { destination };
}

function assemble(type: PayoutDestination['type'], given: GivenDestination): PayoutDestination {
  const name = given.name ?? '';
  return type === 'mobile_money'
    ? { type, network: given.network ?? '', phone: given.phone ?? '', name }
    : { type, bank_code: given.bank_code ?? '', account_number: given.account_number ?? '', name };
}

function errorsOf(destination: PayoutDestination, currency: Currency, parent: string): FieldError[] {
  if (destination.type === 'mobile_money') {
    if (!NETWORKS[currency].includes(destination.network)) {
      const detail = `mobile_money does not go with ${currency} on ${destination.network}`;
      return [{ pointer: `${parent}/network`, code: NOT_SUPPORTED, detail }];
    }
    const isThere = COUNTRY_CODES[currency].some((code) => destination.phone.startsWith(`+${code}`));
    return isThere
      ? []
      : [
          {
            pointer: `${parent}/phone`,
            code: 'wrong_country',
            detail: `wallets of this country do not hold ${currency}`,
          },
        ];
  }
  const rules = BANKS[currency];
  if (rules === undefined) {
    const detail = `bank_account does not go with ${currency}`;
    return [{ pointer: `${parent}/type`, code: NOT_SUPPORTED, detail }];
  }
  return [
    ...(rules.bankCode.test(destination.bank_code) ? [] : [{ pointer: `${parent}/bank_code`, code: 'matches' }]),
    ...(rules.accountNumber.test(destination.account_number)
      ? []
      : [{ pointer: `${parent}/account_number`, code: 'matches' }]),
  ];
}
