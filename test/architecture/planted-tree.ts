/** A small tree of source files in a temporary folder, in which architecture rules are broken on purpose. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

export interface PlantedTree {
  readonly folder: string;
  remove(): Promise<void>;
}

/** @param files paths to texts; paths begin at the root of the project */
export async function plantTree(files: Readonly<Record<string, string>>): Promise<PlantedTree> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sankofa-planted-'));
  // Real packages, so that imports of them resolve as they do in the project.
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A tool's answer on stdout, whatever its exit code: they all say "violations found" with one that is not zero. */
export function runTool(tool: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const file = path.join(ROOT, 'node_modules/.bin', tool);
    // Room for a report on the whole tree.
    const maxBuffer = 64 * 1024 * 1024;
    execFile(file, [...args], { cwd, maxBuffer }, (error, stdout, stderr) => {
      if (stdout === '' && error !== null) reject(new Error(`${tool}: ${stderr || error.message}`));
      else resolve(stdout);
    });
  });
}
