import { randomBytes } from 'node:crypto';

/** Ten random digits, as a Nigerian account number has. */
export function accountNumber(): string {
  return (randomBytes(6).readUIntBE(0, 6) % 10_000_000_000).toString().padStart(10, '0');
}
