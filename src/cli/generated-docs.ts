/** Writes generated documentation, or compares it with what stands in the tree. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** File names (without a folder) and their whole text. */
export type Pages = ReadonlyMap<string, string>;

/** docs/ lies at the root of the project, two floors above both src/cli and dist/cli. */
export const DOCS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs');

/** Makes the folder hold exactly these pages. */
export async function writePages(folder: string, pages: Pages): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (!pages.has(name)) await rm(path.join(folder, name));
  for (const [name, text] of pages) await writeFile(path.join(folder, name), text);
}

/** What differs from the folder, one sentence each; empty when it is up to date. */
export async function differences(folder: string, pages: Pages): Promise<readonly string[]> {
  const standing = await readdir(folder).catch((): string[] => []);
  const surplus = standing.filter((name) => !pages.has(name)).map((name) => `${name} is not generated any more`);
  const others = await Promise.all(
    [...pages].map(async ([name, text]) => {
      if (!standing.includes(name)) return [`${name} is missing`];
      return (await readFile(path.join(folder, name), 'utf8')) === text ? [] : [`${name} is out of date`];
    }),
  );
  return [...surplus, ...others.flat()];
}
