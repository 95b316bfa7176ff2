import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A folder for what a run's servers write; processes are noted in it, so that nothing is left running. */
export async function inRunFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sankofa-simulation-'));
  // As root, PostgreSQL runs as another user, which has to walk through.
  chmodSync(folder, 0o711);
  const inherited = process.env['SANKOFA_TEST_FOLDER'];
  process.env['SANKOFA_TEST_FOLDER'] = inherited ?? folder;
  try {
    return await work(folder);
  } finally {
    if (inherited === undefined) delete process.env['SANKOFA_TEST_FOLDER'];
    rmSync(folder, { recursive: true, force: true });
  }
}
