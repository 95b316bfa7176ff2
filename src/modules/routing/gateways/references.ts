/** How an attempt's reference (the 32 hex digits of its UUIDv7) is written for gateways that want a UUIDv4. */

const REFERENCE = /^[0-9a-f]{32}$/;

/** Whether a string from outside has the form of our references. */
export function isReference(value: unknown): value is string {
  return typeof value === 'string' && REFERENCE.test(value);
}

/**
 * Writes a reference as a dashed UUIDv4: the version digit becomes 4 and the variant is set, all other digits are kept. As a
 * UUIDv7 always has version 7 and that same variant, two references never become one.
 */
export function asUuidV4(reference: string): string {
  const variant = ((Number.parseInt(reference.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  const hex = `${reference.slice(0, 12)}4${reference.slice(13, 16)}${variant}${reference.slice(17)}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
