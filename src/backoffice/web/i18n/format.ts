/** Numbers, money and times as the language writes them. */
import type { Language } from './i18n.js';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', fr: 'fr-FR' };

/** Those that payments can be in. */
export const CURRENCIES = ['NGN', 'GHS', 'XOF', 'XAF', 'GNF'] as const;

export function formatNumber(language: Language, value: number | bigint): string {
  return new Intl.NumberFormat(LOCALES[language]).format(value);
}

/** Basis points as a percentage: 150 is 1.5 %. */
export function formatBasisPoints(language: Language, basisPoints: number): string {
  const format = new Intl.NumberFormat(LOCALES[language], { style: 'percent', maximumFractionDigits: 2 });
  return format.format(basisPoints / 10_000);
}

/** In the viewer's zone, which is named. */
export function formatTime(language: Language, time: string): string {
  const options = { dateStyle: 'medium', timeStyle: 'medium' } as const;
  return new Intl.DateTimeFormat(LOCALES[language], options).format(new Date(time));
}

/** 2026-01-31 12:00:00 UTC */
export function formatUtc(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** How many digits stand behind the point, by currency (XOF has none): the browser knows ISO 4217. */
function exponentOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;
}

/** Minor units as they are written: 150000 NGN is NGN 1,500.00, and 1500 XOF is XOF 1,500. No float is in between. */
export function formatAmount(language: Language, amountMinor: number, currency: string): string {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const text = exponent === 0 ? whole : `${whole}.${digits.slice(-exponent)}`;
  const format = new Intl.NumberFormat(LOCALES[language], { style: 'currency', currency, currencyDisplay: 'code' });
  return format.format(`${amountMinor < 0 ? '-' : ''}${text}` as `${number}`);
}

/** As people type it, for a field: 150000 NGN is 1500.00. */
export function writtenAmount(amountMinor: number, currency: string): string {
  const exponent = exponentOf(currency);
  const digits = String(amountMinor).padStart(exponent + 1, '0');
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * The other way round, by its digits: no float is in between.
 * @returns minor units; undefined: it is no amount of that currency
 */
export function readAmount(text: string, currency: string): number | undefined {
  const [, whole, fraction = ''] = /^(\d{1,12})(?:[.,](\d*))?$/.exec(text.replaceAll(/\s/g, '')) ?? [];
  const exponent = exponentOf(currency);
  if (whole === undefined || fraction.length > exponent) return undefined;
  const minor = Number(whole + fraction.padEnd(exponent, '0'));
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/** 0.923 is 92.3 %. */
export function formatShare(language: Language, share: number): string {
  return new Intl.NumberFormat(LOCALES[language], { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

/** Seconds, to a tenth. */
export function formatSeconds(language: Language, milliseconds: number): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(LOCALES[language], digits).format(milliseconds / 1_000);
}
