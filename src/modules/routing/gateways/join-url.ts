import { readUrl } from '../../../kernel/http/read-url.js';

/**
 * Puts a path behind an account's base address, which may itself have a path (a proxy's, or a version).
 *
 * @returns undefined when the base is no http(s) address
 */
export function joinUrl(base: string, path: string): URL | undefined {
  const text = `${base.replace(/\/+$/, '')}${path}`;
  const url = readUrl(text);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}
