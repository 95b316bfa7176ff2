/** Rules that fields of several bodies share. */
import { Matches, ValidateBy } from 'class-validator';

export { IsMetadata, IsMoment, IsPrintable, MAX_AMOUNT } from '../../kernel/http/fields.js';

/** E.164. */
const PHONE = /^\+[1-9]\d{7,14}$/;
/** Of which addresses are made. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
/** What the shortest-spoken of gateways are known to take. */
const MAX_URL_LENGTH = 500;
/**
 * A letter or digit of any script somewhere, and nothing that is not seen: no control characters, no line breaks, none of those that turn the direction of
 * what follows, so that what people read is what is stored. The two joiners are part of how some scripts are written.
 */
const READABLE = /^(?=[^\p{L}\p{N}]*[\p{L}\p{N}])(?:[^\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|[\u200c\u200d])*$/u;

export const IsPhone = (): PropertyDecorator =>
  Matches(PHONE, { message: 'phone must be in E.164 form, for example +233241234567' });

/** Names of people, and what is shown to them. */
export const IsReadable = (): PropertyDecorator =>
  Matches(READABLE, { message: '$property must hold letters or digits, and no invisible characters' });

/** Where a customer's browser is sent: a name and a password in it would be shown to them. */
function isPageUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_URL_LENGTH || !VISIBLE_ASCII.test(value)) return false;
  const url = URL.parse(value);
  return (
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === ''
  );
}

export const IsPageUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPageUrl',
    validator: {
      validate: isPageUrl,
      defaultMessage: () => `$property must be an http or https address of at most ${MAX_URL_LENGTH} characters`,
    },
  });
