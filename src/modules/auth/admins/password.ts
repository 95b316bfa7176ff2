import { hash, verify } from '@node-rs/argon2';
import { DomainError } from '../../../kernel/errors/domain-error.js';

/**
 * argon2id (the library's default algorithm), OWASP's first choice for it: 19 MiB, two passes, one lane.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const ARGON2ID = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

export const MIN_PASSWORD = 15;
/** Long enough for any sentence; more would only be work for us. */
export const MAX_PASSWORD = 128;
/** Of the characters there must be so many different ones: "aaaaaaaaaaaaaaa" is long, too. */
const MIN_DIFFERENT = 6;
const SERVICE = 'sankofa';

/** Hashing takes a processor for some 20 ms and 19 MiB: that strangers can ask for it must not take all there is. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 32;

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_AT_ONCE) {
    if (waiting.length >= MAX_WAITING) throw new DomainError('service.overloaded', { retryAfterSeconds: 1 });
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    // Whoever waits takes the place over.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

/** @returns the PHC string, parameters and salt included. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(normal(password), ARGON2ID));
}

export function isPasswordOf(phc: string, password: string): Promise<boolean> {
  return inTurn(() => verify(phc, normal(password)));
}

/** Takes as long as to check a password, to no end: whether somebody exists shall not show in how long it takes. */
export async function isPasswordOfNobody(password: string): Promise<void> {
  nobody ??= hashPassword('nobody has this password').catch((error: unknown) => {
    // Too much at once: whoever comes next tries again.
    nobody = undefined;
    throw error;
  });
  await isPasswordOf(await nobody, password);
}

let nobody: Promise<string> | undefined;

/**
 * Length is what counts (NIST SP 800-63B): no rules about digits and signs, but nothing that anybody would try first.
 * @throws {DomainError} request.invalid
 */
export function mustBeGoodPassword(password: string, email: string, pointer = '/password'): void {
  const text = normal(password).toLowerCase();
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  const [local = ''] = email.toLowerCase().split('@');
  const code =
    characters.length < MIN_PASSWORD
      ? 'too_short'
      : new Set(characters).size < MIN_DIFFERENT
        ? 'too_uniform'
        : text.includes(SERVICE) || (local.length > 3 && text.includes(local))
          ? 'too_easy_to_guess'
          : undefined;
  if (code !== undefined) throw new DomainError('request.invalid', { errors: [{ pointer, code }] });
}

/** The same letters may be written in several ways; keyboards differ in which they take. */
function normal(password: string): string {
  return password.normalize('NFKC');
}
