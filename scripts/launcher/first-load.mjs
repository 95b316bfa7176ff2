/** How much JavaScript a browser loads before it shows a screen. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Of JavaScript, as it is sent: two seconds on a 3G line. */
export const MAX_FIRST_LOAD_BYTES = 300_000;

/**
 * What the heaviest screen costs whoever opens it first: the entry, the app, the longer words, the screen, and all that these import.
 * @param {string} folder of the build
 * @returns {{ bytes: number, route: string, entryBytes: number }}
 */
export function firstLoad(folder) {
  const manifest = JSON.parse(readFileSync(path.join(folder, '.vite/manifest.json'), 'utf8'));
  const sizeOf = (file) => gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length;
  const filesOf = (name, seen = new Set()) => {
    if (!seen.has(name)) {
      seen.add(name);
      for (const imported of manifest[name].imports ?? []) filesOf(imported, seen);
    }
    return seen;
  };
  const total = (names) =>
    [...new Set([...names].map((name) => manifest[name].file))]
      .filter((file) => file.endsWith('.js'))
      .reduce((sum, file) => sum + sizeOf(file), 0);
  const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
  const words = ['i18n/en.ts', 'i18n/fr.ts'].toSorted((a, b) => total(filesOf(b)) - total(filesOf(a)));
  const own = new Set([...filesOf(entry), ...filesOf('main.tsx'), ...filesOf(words[0])]);
  const screens = Object.keys(manifest).filter((name) => manifest[name].isDynamicEntry && name.startsWith('screens/'));
  const costs = screens.map((route) => ({ route, bytes: total([...own, ...filesOf(route)]) }));
  const heaviest = costs.toSorted((a, b) => b.bytes - a.bytes)[0];
  return { entryBytes: total(own), ...heaviest };
}
