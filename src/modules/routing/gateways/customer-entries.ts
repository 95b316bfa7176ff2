/** What customers are asked to type, and how a gateway's question for it is told to the merchant. */
import type { NextAction } from '../../../contracts/shared.js';
import type { CustomerAction } from './gateway-parts.js';

type Entry = CustomerAction['type'];

/** Asked where the gateway has no words of its own. */
const PROMPTS: Readonly<Record<Entry, string>> = {
  otp: 'Enter the code you were sent',
  pin: 'Enter your PIN',
  phone: 'Enter your phone number',
  birthday: 'Enter your date of birth',
};

/** @param message the gateway's words, where it has some */
export function toEnter(entry: Entry, message?: string): NextAction {
  return { type: `enter_${entry}`, message: message === undefined || message === '' ? PROMPTS[entry] : message };
}

const ENTRY_OF: ReadonlyMap<NextAction['type'], Entry> = new Map<NextAction['type'], Entry>([
  ['enter_otp', 'otp'],
  ['enter_pin', 'pin'],
  ['enter_phone', 'phone'],
  ['enter_birthday', 'birthday'],
]);

/** What is to be typed, if that is what the customer is to do. */
export function entryWanted(action: NextAction | null): Entry | undefined {
  return action === null ? undefined : ENTRY_OF.get(action.type);
}
