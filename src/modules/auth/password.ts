import { hash, verify } from '@node-rs/argon2';

/**
 * argon2id (the library's default algorithm), OWASP's first choice for it: 19 MiB, two passes, one lane.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const ARGON2ID = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

/** @returns the PHC string, parameters and salt included. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2ID);
}

export function isPasswordOf(phc: string, password: string): Promise<boolean> {
  return verify(phc, password);
}
