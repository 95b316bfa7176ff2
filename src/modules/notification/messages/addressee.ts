/** Who a message goes to: what is taken for an address, and what of it may be seen. */
import { createHmac, hkdfSync } from 'node:crypto';
import type { MasterKeys } from '../../../kernel/secrets/master-keys.js';
import type { Audience, Channel } from './message-kinds.js';

const MAX_ADDRESS = 254;
/** Nothing that a header, an envelope or a list of recipients is made of. */
const ADDRESS = /^[^\s<>@",;:\\()[\]\p{Cc}]{1,64}@[^\s<>@",;:\\()[\]\p{Cc}]+\.[^\s<>@",;:\\()[\]\p{Cc}]+$/u;
const PHONE = /^\+[1-9]\d{6,14}$/;

/** The address as it is sent to; undefined: it is none. */
export function addressOf(channel: Channel, given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const address = given.trim();
  if (channel === 'sms') return PHONE.test(address) ? address : undefined;
  return address.length <= MAX_ADDRESS && ADDRESS.test(address) ? address : undefined;
}

/** For lists: enough to be recognised by who knows it, not enough to be written to. `a***@example.com`, `+233*****67`. */
export function mask(channel: Channel, address: string): string {
  if (channel === 'sms') return `${address.slice(0, 4)}${'*'.repeat(address.length - 6)}${address.slice(-2)}`;
  const at = address.lastIndexOf('@');
  return `${address.slice(0, 1)}***${address.slice(at)}`;
}

/** 32 bytes, for HMAC-SHA-256. */
const KEY_BYTES = 32;

/**
 * Tells addressees apart without saying who they are: phone numbers are few enough that a plain hash would be. Under a key of its own, made of the
 * master key; a new master key makes strangers of all, which costs nothing but that limits begin anew.
 */
export class AddresseeHashes {
  private readonly key: Uint8Array;

  constructor([master]: MasterKeys) {
    this.key = new Uint8Array(hkdfSync('sha256', master.bytes, '', 'notification addressees', KEY_BYTES));
  }

  /** Each audience has limits of its own: a customer's receipts cannot crowd out an admin's warning. */
  of(audience: Audience, channel: Channel, address: string): Buffer {
    const text = channel === 'email' ? address.toLowerCase() : address;
    return createHmac('sha256', this.key).update(`${audience}\n${channel}\n${text}`).digest();
  }
}
