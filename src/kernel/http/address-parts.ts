/** Addresses as they may be told again, in an error or in the audit log: people paste into them what belongs elsewhere, their key perhaps. */
const ID = /^[a-z]{2,5}_[0-9a-hjkmnp-tv-z]{26}$/;
/** The id of a dead letter is that of an event, and who could not take it. */
const ID_AND_NAME = /^[a-z]{2,5}_[0-9a-hjkmnp-tv-z]{26}:[a-z][a-z_.-]{0,60}$/;
/** Words (`tier1`, `l2`) and small numbers: names of roles, gateways and consumers, versions, days. No key, code or card number is made of those. */
const NAME = /^(?:[A-Za-z]{1,24}\d{0,2}|\d{1,6})(?:[._-](?:[A-Za-z]{1,24}\d{0,2}|\d{1,6})){0,5}$/;
/** Recovery codes are four times four characters, which may be letters alone. */
const RECOVERY_CODE = /^[a-z0-9]{4}(?:-[a-z0-9]{4}){3}$/i;
const MAX_NAME = 64;

/** Stands for what is not told again. */
export const WITHHELD = '…';

/** @returns the part of a path as it is, where it is an id or a name */
export function shownPart(part: string): string {
  const isName = part.length <= MAX_NAME && NAME.test(part) && !RECOVERY_CODE.test(part);
  return isName || ID.test(part) || ID_AND_NAME.test(part) ? part : WITHHELD;
}

/** @param path begins with a slash; without the query, which may hold a phone number */
export function shownPath(path: string): string {
  return path
    .split('/')
    .map((part) => (part === '' ? part : shownPart(part)))
    .join('/');
}
