/** What the templates of all languages are made of. */
import type { Language } from '../../../config/message-settings.js';
import { exponentOf, toDecimal, type Currency } from '../../../kernel/money/money.js';
import type { Kind, MessageData, Personal } from './message-kinds.js';

/** A piece of a mail. Plain text and HTML are made of the same pieces, so that they say the same. */
export type Piece =
  | { readonly text: string }
  | { readonly link: string; readonly label: string }
  | { readonly facts: readonly (readonly [name: string, value: string])[] };

export interface Wording {
  readonly subject: string;
  readonly pieces: readonly Piece[];
  /** Why somebody gets this, in small print. */
  readonly because: string;
  /** In pieces, of which the last ones may be left out for room; empty: there is none by SMS. */
  readonly sms: readonly string[];
}

/** `count`: how many things are told together. */
export type Template<Name extends Kind> = (data: MessageData[Name], personal: Personal, count: number) => Wording;

/** Every kind in one language: one that is missing does not compile. */
export type Catalogue = { readonly [Name in Kind]: Template<Name> };

/** Alerts name so many of what they gather; the rest is counted. */
export const SHOWN_ITEMS = 10;

const GROUPS = { en: ',', fr: '\u00a0' } as const satisfies Record<Language, string>;
const POINTS = { en: '.', fr: ',' } as const satisfies Record<Language, string>;

/** `GHS 1,500.00`, `1 500 XOF`: as many digits after the point as the currency has. */
export function money(language: Language, amount: number, currency: Currency): string {
  const [whole = '0', fraction] = toDecimal(BigInt(amount), exponentOf(currency)).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, GROUPS[language]);
  const digits = fraction === undefined ? grouped : `${grouped}${POINTS[language]}${fraction}`;
  return language === 'fr' ? `${digits}\u00a0${currency}` : `${currency} ${digits}`;
}

/** For mails: `28 November 2026 at 07:01 UTC`. Several countries' people read it, so that the zone is said. */
export function moment(language: Language, at: string): string {
  const text = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(new Date(at));
  return `${text} UTC`;
}

/** For SMS: `28/11/2026 07:01 UTC`, which both languages read alike. */
export function shortMoment(at: string): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  return `${date.split('-').toReversed().join('/')} ${time.slice(0, 5)} UTC`;
}

/** Letters, blanks, apostrophes and hyphens; a point only behind an initial or a title, and never before a letter, of which mail programs make links. */
const PLAIN_NAME = /^\p{L}(?:[\p{L}\p{M} '’-]|\.(?= |$))*$/u;
const MAX_NAME = 60;

/** A person's name as it may stand in a greeting; undefined where it holds what no name does: then nobody is called by it. */
export function plainName(name: string | null | undefined): string | undefined {
  const trimmed = name?.normalize('NFC').trim().replaceAll(/\s+/g, ' ');
  if (trimmed === undefined || trimmed.length > MAX_NAME || !PLAIN_NAME.test(trimmed)) return undefined;
  return trimmed;
}

const PLAIN_REFERENCE = /^[\w#-]{1,40}$/;

/** A merchant's reference, where nothing could be made of it but a reference. */
export function plainReference(reference: unknown): string | undefined {
  return typeof reference === 'string' && PLAIN_REFERENCE.test(reference) ? reference : undefined;
}

/** `items` as facts, and how many more there were. */
export function listed<Item>(
  { items }: { readonly items: readonly Item[] },
  count: number,
  fact: (item: Item) => readonly [name: string, value: string],
  more: (count: number) => string,
): readonly Piece[] {
  const rest = count - items.length;
  return [{ facts: items.map(fact) }, ...(rest > 0 ? [{ text: more(rest) }] : [])];
}
