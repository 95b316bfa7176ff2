/** `npm run bench:report`: a page with tables and charts, made of results that are there already. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BenchError } from '../bench-error.js';
import { draw } from './chart.js';
import { pageOf } from './page.js';
import { figuresOf, readResult } from './result-file.js';

const DEFAULT_FOLDER = 'docs/benchmarks';

const USAGE = `Usage: npm run bench:report -- [--out DIR] [FILE]...

  FILE       what npm run bench -- --json FILE wrote; by default every .json file of DIR
  --out DIR  where README.md and the charts go (default ${DEFAULT_FOLDER})`;

/** @param caller the folder in which it was called: relative files are meant from there */
export function main(args: readonly string[], root: string, caller: string): void {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const folder = values.out === undefined ? path.join(root, DEFAULT_FOLDER) : path.resolve(caller, values.out);
  const given = positionals.map((file) => path.resolve(caller, file));
  const files = given.length > 0 ? given : resultsIn(folder);
  if (files.length === 0) throw new BenchError(`There are no results in ${DEFAULT_FOLDER}: name some`);
  const results = files.map(readResult);
  const { markdown, charts } = pageOf(results, figuresOf(results));
  mkdirSync(folder, { recursive: true });
  // Of figures that are gone.
  for (const name of readdirSync(folder)) if (name.endsWith('.svg')) rmSync(path.join(folder, name));
  for (const chart of charts) writeFileSync(path.join(folder, `${chart.name}.svg`), draw(chart));
  const page = path.join(folder, 'README.md');
  writeFileSync(page, markdown);
  process.stdout.write(`${path.relative(caller, page)}: ${results.length} results, ${charts.length} charts\n`);
}

function resultsIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return names.sort().map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: 'string' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : 'the options cannot be read');
  }
}
