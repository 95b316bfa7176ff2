/**
 * From a fresh clone to something that can run: packages, Prisma's client, the build. Each is done only when what it
 * is made from has changed, which a stamp beside its result remembers; an interrupted one leaves no stamp.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildWeb, WEB_SOURCE } from './build-web.mjs';
import { run } from './children.mjs';
import { stopIfInterrupted } from './interruption.mjs';
import { LauncherError, step } from './steps.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const STAMPS = path.join(ROOT, 'node_modules', '.sankofa');
const GENERATED = 'src/kernel/database/generated';
/** What the build makes itself; and the back-office's app, which is built apart. */
const NOT_SOURCE = new Set([GENERATED, WEB_SOURCE, `${WEB_SOURCE}/generated`]);
const GENERATED_STAMP = path.join(STAMPS, 'prisma-client');
const INSTALL_STAMP = path.join(STAMPS, 'install');
const BUILD_STAMP = path.join(ROOT, 'dist', '.stamp');

/** Installs, generates and builds what is not up to date. */
export async function prepare({ build = true } = {}) {
  await install();
  await generate();
  if (build) await compile();
}

async function install() {
  const wanted = hash(['package.json', 'package-lock.json', '.npmrc'], `${process.platform}-${process.arch}`);
  if (stampIs(INSTALL_STAMP, wanted)) return;
  // Installed by hand, or by a container's build: as good.
  if (!installedMatchesLock()) {
    await step('Installing packages (npm ci)', async () => {
      const [command, ...before] = npm();
      // --include=dev: NODE_ENV=production would leave out what the build needs.
      const result = await run(command, [...before, 'ci', '--include=dev', '--no-audit', '--no-fund']);
      demand(result, 'npm ci failed; is the npm registry reachable?');
    });
  }
  stamp(INSTALL_STAMP, wanted);
}

/** The npm that started us, else the one on PATH. */
function npm() {
  const script = process.env.npm_execpath;
  return script !== undefined && /npm-cli\.c?js$/.test(script) ? [process.execPath, script] : ['npm'];
}

/** Compares the lock file with npm's own record of what it put into node_modules. */
function installedMatchesLock() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([name, entry]) => {
    // '' is this project; packages for other platforms are optional and absent.
    if (name === '' || entry.link === true) return true;
    const found = present[name];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

async function generate() {
  const wanted = hash(['prisma/schema', 'prisma.config.ts', 'package-lock.json']);
  if (existsSync(path.join(ROOT, GENERATED, 'client.ts')) && stampIs(GENERATED_STAMP, wanted)) return;
  stopIfInterrupted();
  await step("Generating Prisma's client", async () => {
    const result = await run(process.execPath, [bin('prisma', 'build/index.js'), 'generate'], {
      // The CLI wants to download its schema engine, which `generate` never runs: any program that ends well will do.
      env: { PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
    });
    demand(result, 'prisma generate failed');
  });
  stamp(GENERATED_STAMP, wanted);
}

/** Compiles what is not up to date: src/ to dist/, and the back-office's app into it. @throws {LauncherError} with the compiler's words */
export async function compile() {
  const wanted = hash([
    'src',
    'prisma/schema',
    'nest-cli.json',
    '.swcrc',
    'tsconfig.json',
    'package.json',
    'package-lock.json',
  ]);
  if (!existsSync(path.join(ROOT, 'dist', 'main.js')) || !stampIs(BUILD_STAMP, wanted)) {
    stopIfInterrupted();
    await step('Building (nest build)', async () => {
      demand(await run(process.execPath, [bin('@nestjs/cli', 'bin/nest.js'), 'build']), 'nest build failed');
    });
    stamp(BUILD_STAMP, wanted);
  }
  stopIfInterrupted();
  await buildWeb({ root: ROOT, stamps: STAMPS, sources: hash([WEB_SOURCE, 'package-lock.json'], 'web'), demand, bin });
}

function bin(name, file) {
  return path.join(ROOT, 'node_modules', name, file);
}

function demand(result, message) {
  stopIfInterrupted();
  if (result.code === 0) return;
  throw new LauncherError(`${message}\n${essence(result.output)}`);
}

/** A failing tool's own words without npm's warnings and usage text, which bury them. */
function essence(output) {
  const maxLines = 25;
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^npm (warn|error\s*$)/.test(line));
  return lines.slice(0, maxLines).join('\n');
}

function stampIs(file, wanted) {
  try {
    return readFileSync(file, 'utf8') === wanted;
  } catch {
    return false;
  }
}

function stamp(file, value) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, value);
}

/** Of names and contents, in a fixed order; tests and generated files do not change what is built. */
function hash(entries, extra = '') {
  const digest = createHash('sha256').update(`${process.versions.node.split('.')[0]} ${extra}`);
  for (const entry of entries) {
    for (const file of filesIn(entry)) {
      digest.update(`\0${file}\0`).update(readFileSync(path.join(ROOT, file)));
    }
  }
  return digest.digest('hex');
}

function filesIn(entry) {
  const at = path.join(ROOT, entry);
  if (!existsSync(at)) return [];
  let children;
  try {
    children = readdirSync(at, { withFileTypes: true });
  } catch {
    return [entry];
  }
  return children
    .filter((child) => !child.name.endsWith('.test.ts') && !NOT_SOURCE.has(`${entry}/${child.name}`))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((child) => (child.isDirectory() ? filesIn(`${entry}/${child.name}`) : [`${entry}/${child.name}`]));
}
