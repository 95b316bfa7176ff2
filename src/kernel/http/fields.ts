/** Rules that fields of several modules' bodies share. */
import { isISO8601, Matches, ValidateBy } from 'class-validator';

/** Ten billion naira: far above any gateway's limit, far below where JSON integers end. */
export const MAX_AMOUNT = 1_000_000_000_000;
/** Letters, digits and punctuation that no gateway, file or log trips over. */
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
/**
 * A letter or digit of any script somewhere, and nothing that is not seen: no control characters, no line breaks, none of those that turn the direction of
 * what follows, so that what people read is what is stored. The two joiners are part of how some scripts are written.
 */
const READABLE = /^(?=[^\p{L}\p{N}]*[\p{L}\p{N}])(?:[^\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|[\u200c\u200d])*$/u;
/** As generous as others in the field, small enough to be indexed and shown. */
const METADATA_LIMITS = { keys: 50, keyLength: 40, valueLength: 500 };

function isMetadata(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= METADATA_LIMITS.keys &&
    entries.every(
      ([key, item]) =>
        key.length > 0 &&
        key.length <= METADATA_LIMITS.keyLength &&
        typeof item === 'string' &&
        item.length <= METADATA_LIMITS.valueLength,
    )
  );
}

export const IsMetadata = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMetadata',
    validator: {
      validate: isMetadata,
      defaultMessage: () =>
        `metadata must be an object of at most ${METADATA_LIMITS.keys} strings, keys up to ${METADATA_LIMITS.keyLength} and values up to ${METADATA_LIMITS.valueLength} characters`,
    },
  });

/** References are put into URLs, files and gateways' fields. */
export const IsPrintable = (): PropertyDecorator =>
  Matches(PRINTABLE, { message: '$property must be printable ASCII' });

/** Names of people, and what is shown to them. */
export const IsReadable = (): PropertyDecorator =>
  Matches(READABLE, { message: '$property must hold letters or digits, and no invisible characters' });

/** ISO 8601 has forms that no clock of JavaScript reads (week and ordinal dates): those are refused too. */
export const IsMoment = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMoment',
    validator: {
      validate: (value: unknown) => isISO8601(value, { strict: true }) && !Number.isNaN(Date.parse(String(value))),
      defaultMessage: () => '$property must be a date or a time such as 2026-01-31T12:00:00Z',
    },
  });
