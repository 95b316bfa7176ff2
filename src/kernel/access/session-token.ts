/**
 * How a session is shown: a cookie that scripts cannot read and that is sent to this host alone, over TLS (or to this machine), and never with a
 * request that another site begins. What changes anything carries besides the CSRF token, which only who reads our answers can know.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';

/** Browsers take a cookie of that prefix only with Secure, Path=/ and no Domain. */
export const SESSION_COOKIE = '__Host-sankofa_session';
export const CSRF_HEADER = 'x-csrf-token';

/** 256 bits: beyond any search, so that a plain SHA-256 is enough to store it. */
const BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function newSessionToken(): string {
  return randomBytes(BYTES).toString('base64url');
}

/** What is stored, looked up, and carried by events (in hex). */
export function hashSessionToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The token of a Cookie header; undefined where there is none that could be ours. */
export function sessionTokenOf(cookies: string | undefined): string | undefined {
  if (cookies === undefined || !cookies.includes(SESSION_COOKIE)) return undefined;
  const token = parseCookie(cookies)[SESSION_COOKIE];
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}

/** The Set-Cookie header that starts a session in a browser. It ends with the browser, or before. */
export function sessionCookie(token: string): string {
  return stringifySetCookie({
    name: SESSION_COOKIE,
    value: token,
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'strict',
  });
}

/** The Set-Cookie header that takes it away. */
export function noSessionCookie(): string {
  return `${sessionCookie('')}; Max-Age=0`;
}

/** Of one session for as long as it lasts. It tells nothing of the token. */
export function csrfTokenOf(token: string): string {
  return createHmac('sha256', token).update('csrf').digest('base64url');
}

export function isCsrfTokenOf(token: string, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const [expected, actual] = [Buffer.from(csrfTokenOf(token)), Buffer.from(given)];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
