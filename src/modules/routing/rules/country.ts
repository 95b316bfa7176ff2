/** Which country a payment comes from or a payout goes to, as far as the phone number or the currency tells. */
import type { PaymentMethod, PayoutDestination } from '../../../contracts/shared.js';

/** ITU calling codes of the countries whose currencies we book. */
const BY_CALLING_CODE: Readonly<Record<string, string>> = {
  '221': 'SN',
  '223': 'ML',
  '224': 'GN',
  '225': 'CI',
  '226': 'BF',
  '227': 'NE',
  '228': 'TG',
  '229': 'BJ',
  '233': 'GH',
  '234': 'NG',
  '235': 'TD',
  '236': 'CF',
  '237': 'CM',
  '240': 'GQ',
  '241': 'GA',
  '242': 'CG',
  '245': 'GW',
};

/** Currencies that one country alone has. The two francs CFA are shared by eight and six. */
const BY_CURRENCY: Readonly<Record<string, string>> = { NGN: 'NG', GHS: 'GH', GNF: 'GN' };

/**
 * ISO 3166-1 alpha-2; undefined where nothing tells. A number from elsewhere tells that it is not the currency's country, so
 * the currency is asked only where there is no number.
 */
export function countryOf(payment: {
  readonly currency: string;
  readonly method: PaymentMethod | PayoutDestination;
  readonly customer: { readonly phone?: string | undefined };
}): string | undefined {
  const phone = payment.method.type === 'mobile_money' ? payment.method.phone : payment.customer.phone;
  if (phone === undefined) return BY_CURRENCY[payment.currency];
  return phone.startsWith('+') ? BY_CALLING_CODE[phone.slice(1, 4)] : undefined;
}
