/** Why a database cannot be used, in its own words. */
import pg from 'pg';

/** Servers that are there answer in milliseconds; longer means something between drops packets. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens a session and closes it again.
 * @returns undefined when that works, else the reason in one line, which does not hold the URL's password
 */
export async function connectionProblem(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return undefined;
  } catch (error) {
    return oneLine(error, url);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** An error's first line. No server repeats a password, but that is not left to chance. */
export function oneLine(error: unknown, url: string): string {
  const text =
    error instanceof Error ? error.message || ((error as NodeJS.ErrnoException).code ?? error.name) : String(error);
  const line = text.split('\n')[0] ?? '';
  const { password } = new URL(url);
  return password === '' ? line : line.replaceAll(password, '***').replaceAll(decodeURIComponent(password), '***');
}

/** Host and port alone: the rest of a URL may hold a password. */
export function placeOf(url: string): string {
  return new URL(url).host || 'a local socket';
}
