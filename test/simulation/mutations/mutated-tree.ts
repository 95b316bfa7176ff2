/** A copy of the program with a bug in it, built. The sources themselves are never touched. */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SimulateError } from '../options.js';
import type { Edit, Mutation } from './mutation.js';

const COPIED = ['src', 'prisma', 'package.json', 'nest-cli.json', 'tsconfig.json', '.swcrc'];

/**
 * @param root of the program as it is
 * @param folder empty; the copy's root
 * @throws {SimulateError} when an edit does not fit, or the copy cannot be built
 */
export function makeMutatedTree(mutation: Mutation, root: string, folder: string): void {
  for (const name of COPIED) cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  checkFit(mutation, folder);
  for (const edit of mutation.edits) apply(edit, folder);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status !== 0) throw new SimulateError(`${mutation.name} cannot be built:\n${stdout}${stderr}`);
}

function apply({ file, find, replace }: Edit, folder: string): void {
  const at = path.join(folder, file);
  writeFileSync(
    at,
    readFileSync(at, 'utf8').replace(find, () => replace),
  );
}

/** Whether every edit still fits, without building anything. @throws {SimulateError} */
export function checkFit(mutation: Mutation, root: string): void {
  for (const { file, find } of mutation.edits) {
    const times = readFileSync(path.join(root, file), 'utf8').split(find).length - 1;
    if (times !== 1)
      throw new SimulateError(
        `${mutation.name} does not fit ${file} any more: what it replaces stands there ${times} times`,
      );
  }
}
