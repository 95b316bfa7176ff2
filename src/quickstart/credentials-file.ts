/** `<DATA_DIR>/quickstart.json`: addresses and credentials of the demo, for programs and for the next start. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { QuickstartError } from './quickstart-error.js';

/** Exactly these keys: other programs read the file. */
export interface QuickstartFile {
  readonly apiUrl: string;
  readonly secretKey: string;
  readonly adminKey: string;
  readonly backofficeUrl: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
  readonly sandboxUrl: string;
  readonly docsUrl: string;
}

export type DemoCredentials = Pick<QuickstartFile, 'secretKey' | 'adminKey' | 'adminEmail' | 'adminPassword'>;

export function credentialsFileOf(dataDir: string): string {
  return path.join(path.resolve(dataDir), 'quickstart.json');
}

/** What an earlier start wrote, or undefined when there is nothing usable: then new credentials are made. */
export async function readCredentials(dataDir: string): Promise<DemoCredentials | undefined> {
  const text = await readFile(credentialsFileOf(dataDir), 'utf8').catch(() => '');
  let found: Partial<Record<keyof DemoCredentials, unknown>>;
  try {
    found = JSON.parse(text) as typeof found;
  } catch {
    return undefined;
  }
  const { secretKey, adminKey, adminEmail, adminPassword } = found;
  const complete = [secretKey, adminKey, adminEmail, adminPassword].every((value) => typeof value === 'string');
  if (!complete) return undefined;
  return { secretKey, adminKey, adminEmail, adminPassword } as DemoCredentials;
}

/** Replaces the file in one step, readable by its owner only, since it holds keys. */
export async function writeCredentials(dataDir: string, content: QuickstartFile): Promise<void> {
  const file = credentialsFileOf(dataDir);
  const unfinished = `${file}.${process.pid}`;
  try {
    await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    await rename(unfinished, file);
  } catch (error) {
    throw new QuickstartError(`Cannot write ${file} (${(error as NodeJS.ErrnoException).code ?? 'failed'})`);
  }
}
