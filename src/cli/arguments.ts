import { isEmail } from 'class-validator';
import { InvalidArgumentError } from 'commander';
import { decodeId, type IdKind } from '../kernel/ids/ids.js';
import { CommandError } from './command-error.js';

/** Reads a whole number in a range. */
export const integer =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };

/** Reads a public id into its UUID. */
export const idOf =
  (kind: IdKind) =>
  (text: string): string => {
    const uuid = decodeId(kind, text);
    if (uuid === undefined) throw new InvalidArgumentError('It is not an id of that kind.');
    return uuid;
  };

/** Reads a name as the tables take it. */
export function name(text: string): string {
  const trimmed = text.trim();
  const maxLength = 200;
  if (trimmed === '' || trimmed.length > maxLength)
    throw new InvalidArgumentError(`It must have 1 to ${maxLength} characters.`);
  return trimmed;
}

/** Reads an e-mail address. */
export function email(text: string): string {
  if (!isEmail(text)) throw new InvalidArgumentError('It must be an e-mail address.');
  return text;
}

/** Collects `--credential name=value`, which may be given several times. */
export function credential(text: string, earlier: Readonly<Record<string, string>>): Record<string, string> {
  const split = text.indexOf('=');
  // Not an InvalidArgumentError: commander would repeat the text in its message, and it may be a secret.
  if (split < 1 || split === text.length - 1) throw new CommandError('--credential must be given as name=value');
  return { ...earlier, [text.slice(0, split)]: text.slice(split + 1) };
}

/** Reads an http or https address without a trailing slash. */
export function httpUrl(text: string): string {
  if (!URL.canParse(text) || !['http:', 'https:'].includes(new URL(text).protocol)) {
    throw new InvalidArgumentError('It must be an http or https address.');
  }
  return text.replace(/\/+$/, '');
}

/** Reads a date, or a date and a time. */
export function time(text: string): Date {
  const parsed = /^\d{4}-\d{2}-\d{2}([T ].*)?$/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(parsed.getTime()))
    throw new InvalidArgumentError('It must be a date, or a date and a time (ISO 8601).');
  return parsed;
}
