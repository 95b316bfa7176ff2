/** Secrets that make themselves where nobody sets them: files in DATA_DIR, outside production. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What the file holds; it is made first where there is none. Several processes may share the folder: all get the same. */
export async function keptSecret(file: string, make: () => string): Promise<string> {
  const known = await readKept(file);
  if (known !== undefined) return known;
  await mkdir(path.dirname(file), { recursive: true });
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, make(), { mode: 0o600 });
  try {
    // Whole or not at all, and whoever is first.
    await link(fresh, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(fresh);
  }
  return readFile(file, 'utf8');
}

/** Undefined where there is no such file. */
export async function readKept(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
