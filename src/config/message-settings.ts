/** The settings of e-mail and SMS: what they may be, and which of them belong together. */
import { z } from 'zod';

export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** One mailbox, with an optional name in front: `Sankofa <hello@example.com>`. Neither can hold what would end a header. */
const MAILBOX = /^(?:([^<>"\r\n\0]{1,100}?)\s*<([^\s<>@"]+@[^\s<>@"]+)>|([^\s<>@"]+@[^\s<>@"]+))$/;
const ADDRESS = /^[^\s<>@",;:]+@[^\s<>@",;:]+$/;
/** E.164: a country's code and at most fifteen digits in all. */
const PHONE = /^\+[1-9]\d{6,14}$/;
/** Short codes, or names of at most eleven letters and digits, which is what networks carry. */
const SENDER_ID = /^[A-Za-z0-9 ]{3,11}$/;

const urlOf = (...protocols: readonly string[]) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
      message: `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    })
    .optional();

export const messageSettings = {
  SMTP_URL: urlOf('smtp:', 'smtps:'),
  MAIL_FROM: z
    .string()
    .regex(MAILBOX, 'must be an address, or a name and an address: Name <name@example.com>')
    .optional(),
  AFRICASTALKING_USERNAME: z.string().regex(/^\S+$/, 'must be a name without blanks').optional(),
  AFRICASTALKING_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be printable characters without blanks')
    .optional(),
  AFRICASTALKING_URL: urlOf('http:', 'https:'),
  AFRICASTALKING_SENDER_ID: z.string().regex(SENDER_ID, 'must be 3 to 11 letters and digits').optional(),
  ALERTS_EMAIL: z.string().regex(ADDRESS, 'must be one e-mail address').optional(),
  ALERTS_PHONE: z.string().regex(PHONE, 'must be a phone number with its country: +233241234567').optional(),
  MESSAGE_LANGUAGE: z.enum(LANGUAGES, { error: `must be ${LANGUAGES.join(' or ')}` }).optional(),
  MESSAGE_KEEP_DAYS: z
    .string()
    .regex(/^\d{1,4}$/, 'must be a whole number from 7 to 3650')
    .transform(Number)
    .pipe(z.number().min(7, 'must be at least 7').max(3_650, 'must be at most 3650'))
    .optional(),
};

type Given = z.infer<z.ZodObject<typeof messageSettings>>;

export interface SmtpSettings {
  /** May hold a password. */
  readonly url: string;
  readonly from: { readonly name: string; readonly address: string };
  /** Whether nothing is said to the server before the connection is encrypted. */
  readonly requireTls: boolean;
}

export interface SmsSettings {
  readonly username: string;
  /** A secret. */
  readonly apiKey: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly senderId?: string;
}

export interface MessageSettings {
  /** Undefined: e-mail is off. */
  readonly smtp?: SmtpSettings;
  /** Undefined: SMS is off. */
  readonly sms?: SmsSettings;
  readonly alertsEmail?: string;
  readonly alertsPhone?: string;
  /** Of messages to those who have not chosen one. */
  readonly language: Language;
  /** After so many days messages are forgotten. */
  readonly keepDays: number;
}

const LIVE_URL = 'https://api.africastalking.com';
const TRIAL_URL = 'https://api.sandbox.africastalking.com';
/** The provider's own name for its trial; it exists on that host alone. */
const TRIAL_USERNAME = 'sandbox';
const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** What is set together or not at all; the second of each is of no use without the first. */
const BELONG: readonly (readonly [given: keyof Given, missing: keyof Given])[] = [
  ['SMTP_URL', 'MAIL_FROM'],
  ['MAIL_FROM', 'SMTP_URL'],
  ['AFRICASTALKING_USERNAME', 'AFRICASTALKING_API_KEY'],
  ['AFRICASTALKING_API_KEY', 'AFRICASTALKING_USERNAME'],
  ['AFRICASTALKING_URL', 'AFRICASTALKING_USERNAME'],
  ['AFRICASTALKING_SENDER_ID', 'AFRICASTALKING_USERNAME'],
  ['ALERTS_EMAIL', 'SMTP_URL'],
  ['ALERTS_PHONE', 'AFRICASTALKING_USERNAME'],
];

/**
 * @param refuse says what is wrong, by name, and does not return. Half of a channel is never taken for none: somebody meant it to be on.
 */
export function readMessageSettings(
  given: Given,
  { production, refuse }: { readonly production: boolean; readonly refuse: (problem: string) => never },
): MessageSettings {
  for (const [one, other] of BELONG)
    if (given[one] !== undefined && given[other] === undefined) refuse(`${other} must be set where ${one} is`);
  const smtp = smtpOf(given, production);
  const sms = smsOf(given);
  const plain = sms !== undefined && new URL(sms.url).protocol !== 'https:';
  if (production && plain && !LOOPBACK.test(new URL(sms.url).hostname))
    refuse('AFRICASTALKING_URL must start with https:// in production');
  return {
    ...(smtp === undefined ? {} : { smtp }),
    ...(sms === undefined ? {} : { sms }),
    ...(given.ALERTS_EMAIL === undefined ? {} : { alertsEmail: given.ALERTS_EMAIL }),
    ...(given.ALERTS_PHONE === undefined ? {} : { alertsPhone: given.ALERTS_PHONE }),
    language: given.MESSAGE_LANGUAGE ?? 'en',
    keepDays: given.MESSAGE_KEEP_DAYS ?? 90,
  };
}

function smtpOf({ SMTP_URL: url, MAIL_FROM: mailbox }: Given, production: boolean): SmtpSettings | undefined {
  if (url === undefined || mailbox === undefined) return undefined;
  const [, name, named, bare] = MAILBOX.exec(mailbox) ?? [];
  // A relay on this machine is reached through no network; one elsewhere is only spoken to over TLS where mails are real.
  const requireTls = production && !LOOPBACK.test(new URL(url).hostname);
  return { url, from: { name: name ?? '', address: named ?? bare ?? '' }, requireTls };
}

function smsOf(given: Given): SmsSettings | undefined {
  const { AFRICASTALKING_USERNAME: username, AFRICASTALKING_API_KEY: apiKey } = given;
  if (username === undefined || apiKey === undefined) return undefined;
  const url = given.AFRICASTALKING_URL ?? (username === TRIAL_USERNAME ? TRIAL_URL : LIVE_URL);
  return {
    username,
    apiKey,
    url: url.replace(/\/+$/, ''),
    ...(given.AFRICASTALKING_SENDER_ID === undefined ? {} : { senderId: given.AFRICASTALKING_SENDER_ID }),
  };
}
