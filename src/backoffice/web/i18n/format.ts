/** Numbers, money and times as the language writes them. */
import type { Language } from './i18n.js';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', fr: 'fr-FR' };

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
