/**
 * Our reference as Orange's `order_id`, which has at most 30 characters (PROVIDERS 7.9): its 128 bits with base 36 instead of 16. That is 25
 * characters, of letters and digits only and without difference of case, so that no form or file on the way can change it; two
 * references never become one, and each can be read back.
 */

const DIGITS = 36;
/** 36^25 is more than 2^128. */
const LENGTH = 25;

export function asOrderId(reference: string): string {
  return BigInt(`0x${reference}`).toString(DIGITS).padStart(LENGTH, '0');
}

/** The reference behind an order_id; undefined for one that is not ours. */
export function fromOrderId(orderId: string): string | undefined {
  if (!/^[0-9a-z]{25}$/i.test(orderId)) return undefined;
  let value = 0n;
  for (const digit of orderId.toLowerCase()) value = value * BigInt(DIGITS) + BigInt(Number.parseInt(digit, DIGITS));
  const reference = value.toString(16).padStart(32, '0');
  return reference.length === 32 ? reference : undefined;
}
