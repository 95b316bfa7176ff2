/** The customer as gateways want to see them. */
import type { ChargeRequest } from './gateway-adapter.js';

/**
 * Paystack and Flutterwave demand an e-mail address. Customers of mobile money seldom have one: the placeholder is derived
 * from the reference, in a domain that RFC 2606 reserves, so that a receipt sent there reaches nobody.
 */
export function emailOf(request: ChargeRequest): string {
  return request.customer.email ?? `${request.reference}@customers.example.com`;
}

/** Digits of an international number without the plus sign, as MSISDNs are written: `233241234567`. */
export function msisdn(phone: string): string {
  return phone.replaceAll(/\D/g, '');
}

/** Country calling codes of the countries whose currencies we take. */
const countryByCallingCode: Readonly<Record<string, string>> = {
  '234': 'NG',
  '233': 'GH',
  '225': 'CI',
  '221': 'SN',
  '226': 'BF',
  '223': 'ML',
  '229': 'BJ',
  '228': 'TG',
  '227': 'NE',
  '245': 'GW',
  '237': 'CM',
  '235': 'TD',
  '236': 'CF',
  '242': 'CG',
  '241': 'GA',
  '240': 'GQ',
  '224': 'GN',
};

/** ISO 3166 alpha-2 country of an international phone number, if it is one that we serve. */
export function countryOf(phone: string): string | undefined {
  return countryByCallingCode[msisdn(phone).slice(0, 3)];
}
