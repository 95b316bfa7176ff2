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
