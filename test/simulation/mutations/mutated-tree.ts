/** A copy of the program with a bug in it, built. The sources themselves are never touched. */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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

/** Whether every edit still fits, and is in force, without building anything. @throws {SimulateError} */
export function checkFit(mutation: Mutation, root: string): void {
  for (const { file, find } of mutation.edits) {
    const [before = '', ...others] = readFileSync(path.join(root, file), 'utf8').split(find);
    if (others.length !== 1)
      throw new SimulateError(
        `${mutation.name} does not fit ${file} any more: what it replaces stands there ${others.length} times`,
      );
    const later = file.startsWith(`${MIGRATIONS}/`) ? replacedBy(root, file, before) : undefined;
    if (later !== undefined)
      throw new SimulateError(`${mutation.name} changes a function that ${later} makes anew: nobody would see it`);
  }
}

const MIGRATIONS = 'prisma/migrations';
const FUNCTION = /\bFUNCTION (\w+\.\w+)\(/g;

/** A later migration that makes the function anew in which an edit lies. @param before what stands before the edit */
function replacedBy(root: string, file: string, before: string): string | undefined {
  const name = [...before.matchAll(FUNCTION)].at(-1)?.[1];
  if (name === undefined || before.lastIndexOf('$$;') > before.lastIndexOf(name)) return undefined;
  const own = file.split('/').at(-2) ?? '';
  return readdirSync(path.join(root, MIGRATIONS), { withFileTypes: true })
    .filter((each) => each.isDirectory() && each.name > own)
    .map((each) => each.name)
    .find((later) =>
      readFileSync(path.join(root, MIGRATIONS, later, 'migration.sql'), 'utf8').match(
        new RegExp(`CREATE (?:OR REPLACE )?FUNCTION ${name.replace('.', '\\.')}\\(`),
      ),
    );
}
