/** Rules that fields of several bodies here share; those of all modules stand in `kernel/http/fields.ts`. */
import { Matches, ValidateBy } from 'class-validator';
import { readUrl } from '../../kernel/http/read-url.js';

/** E.164. */
const PHONE = /^\+[1-9]\d{7,14}$/;
/** Of which addresses are made. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
/** What the shortest-spoken of gateways are known to take. */
const MAX_URL_LENGTH = 500;
export const IsPhone = (): PropertyDecorator =>
  Matches(PHONE, { message: 'phone must be in E.164 form, for example +233241234567' });

/** Where a customer's browser is sent: a name and a password in it would be shown to them. */
function isPageUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_URL_LENGTH || !VISIBLE_ASCII.test(value)) return false;
  const url = readUrl(value);
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false;
  return url.username === '' && url.password === '';
}

export const IsPageUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPageUrl',
    validator: {
      validate: isPageUrl,
      defaultMessage: () => `$property must be an http or https address of at most ${MAX_URL_LENGTH} characters`,
    },
  });
