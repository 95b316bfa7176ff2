/** The browser that the tests of the back-office drive. */
import { existsSync } from 'node:fs';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @returns {string | undefined} the browser's file: CHROMIUM_PATH, else the first on PATH */
export function findChromium() {
  const given = process.env.CHROMIUM_PATH ?? '';
  if (given !== '') return existsSync(given) ? given : undefined;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
}
