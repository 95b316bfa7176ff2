/**
 * Ids: a UUIDv7 inside (native `uuid` in PostgreSQL), `<prefix>_<26 characters>` outside: the 128 bits in
 * Crockford's base32, lower case, most significant first. They sort by time in both forms.
 */
import { uuidv7 } from 'uuidv7';

/** What each prefix names. Adding a resource means adding its prefix here. */
export const ID_PREFIXES = {
  payment: 'pay',
  attempt: 'att',
  refund: 're',
  payout: 'po',
  payoutBatch: 'pob',
  account: 'acct',
  transfer: 'tr',
  entry: 'ent',
  hold: 'hold',
  release: 'rls',
  settlementPolicy: 'stp',
  feeSchedule: 'fsc',
  drift: 'drf',
  event: 'evt',
  webhookEndpoint: 'we',
  webhookDelivery: 'wd',
  message: 'msg',
  break: 'brk',
  reconciliationRun: 'rcr',
  resolution: 'rsn',
  reconciliationReport: 'rpt',
  settlement: 'stl',
  safeguardingCheck: 'sgc',
  reconciliationSource: 'rcs',
  reconciliationLine: 'rcl',
  bankLine: 'bkl',
  merchant: 'mer',
  merchantMember: 'mmb',
  apiKey: 'key',
  gatewayAccount: 'gwa',
  gatewayWebhook: 'gwh',
  ruleSet: 'rs',
  maintenanceWindow: 'mw',
  admin: 'adm',
  session: 'ses',
  invitation: 'inv',
  auditEntry: 'aud',
  approval: 'apr',
  request: 'req',
} as const;
export type IdKind = keyof typeof ID_PREFIXES;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const VALUE_OF = new Int8Array(128).fill(-1);
for (let index = 0; index < ALPHABET.length; index += 1) VALUE_OF[ALPHABET.charCodeAt(index)] = index;

/** Characters of an encoded UUID: ceil(128 / 5). The first holds only three bits. */
const ENCODED_LENGTH = 26;

/** A new time-ordered UUID in its canonical text form. */
export function newUuid(): string {
  return uuidv7();
}

/** No UUIDv7 made at this time or later, in ms since 1970, sorts before it. */
export function earliestUuid(atMs: number): string {
  const hex = Math.max(0, Math.floor(atMs)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

/** A new public id, for things that are not stored (request ids). */
export function newId(kind: IdKind): string {
  return encodeId(kind, uuidv7());
}

const DASH = '-'.charCodeAt(0);
/** By character code; a UUID from PostgreSQL or `newUuid` is in lower case, others may not be. */
const HEX_VALUE_OF = new Int8Array(128);
for (let value = 0; value < 16; value += 1) {
  HEX_VALUE_OF[value.toString(16).charCodeAt(0)] = value;
  HEX_VALUE_OF[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** Turns a canonical UUID into its public form, for example `pay_06cq3v…`. */
export function encodeId(kind: IdKind, uuid: string): string {
  let encoded = '';
  // 26 * 5 = 130 bits: two zero bits stand in front, so 13 hex digits (52 bits) at a time does not divide; walk bitwise.
  let accumulator = 0;
  let bits = 2;
  for (let index = 0; index < uuid.length; index += 1) {
    const code = uuid.charCodeAt(index);
    if (code === DASH) continue;
    accumulator = (accumulator << 4) | (HEX_VALUE_OF[code] ?? 0);
    bits += 4;
    if (bits >= 5) {
      bits -= 5;
      encoded += ALPHABET.charAt((accumulator >>> bits) & 31);
      accumulator &= (1 << bits) - 1;
    }
  }
  return `${ID_PREFIXES[kind]}_${encoded}`;
}

/** The UUID behind a public id, or undefined when it is not a well-formed id of that kind. */
export function decodeId(kind: IdKind, id: string): string | undefined {
  const prefix = `${ID_PREFIXES[kind]}_`;
  if (!id.startsWith(prefix) || id.length !== prefix.length + ENCODED_LENGTH) return undefined;
  let hex = '';
  let accumulator = 0;
  let bits = -2;
  for (let index = prefix.length; index < id.length; index += 1) {
    const code = id.charCodeAt(index);
    const value = code < 128 ? (VALUE_OF[code] ?? -1) : -1;
    if (value < 0) return undefined;
    accumulator = (accumulator << 5) | value;
    bits += 5;
    // The two leading bits are padding and must be zero, or two ids would name one UUID.
    if (index === prefix.length && value > 7) return undefined;
    while (bits >= 4) {
      bits -= 4;
      hex += ((accumulator >>> bits) & 15).toString(16);
      accumulator &= (1 << bits) - 1;
    }
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
