/**
 * Lets Node run the TypeScript of the bench and of the simulator as it stands. Their imports of `src/...` are led to the built
 * program in dist/, so that what is measured and tried is what is shipped, and decorators are compiled by one compiler only.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const ROOT = new URL('../../', import.meta.url).href;
const TOOLS = [`${ROOT}bench/`, `${ROOT}test/`];
const SRC = `${ROOT}src/`;
const DIST = `${ROOT}dist/`;

const isTool = (url) => TOOLS.some((folder) => url?.startsWith(folder) === true);

export function resolve(specifier, context, next) {
  if (!specifier.startsWith('.') || !isTool(context.parentURL)) return next(specifier, context);
  const url = new URL(specifier, context.parentURL).href;
  if (url.startsWith(SRC)) return next(DIST + url.slice(SRC.length), context);
  const source = url.replace(/\.js$/, '.ts');
  return next(existsSync(new URL(source)) ? source : url, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts') || !isTool(url)) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'es6', strict: true },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
