/** Rules that fields of several bodies share. */
import { Matches } from 'class-validator';

export { IsMetadata, IsMoment, IsPrintable, MAX_AMOUNT } from '../../kernel/http/fields.js';

/** E.164. */
const PHONE = /^\+[1-9]\d{7,14}$/;
export const IsPhone = (): PropertyDecorator =>
  Matches(PHONE, { message: 'phone must be in E.164 form, for example +233241234567' });
