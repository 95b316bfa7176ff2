/** The linter's rules that the house relies on: each catches a planted violation, type-aware ones included. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { plantTree, ROOT, runTool } from './planted-tree.js';

/** Written in parts, so that this file does not find itself. */
const BANNED = [
  ['(ox|es)lint-', 'disable'],
  ['@ts-', '(ignore|nocheck|expect-error)'],
  ['\\bTO', 'DO\\b'],
  ['\\bFIX', 'ME\\b'],
] as const;
const TS_IGNORE = ['@ts', 'ignore'].join('-');

const PLANTED: Readonly<Record<string, { readonly rule: string; readonly text: string }>> = {
  'src/planted-floating.ts': {
    rule: 'typescript(no-floating-promises)',
    text: 'const work = async (): Promise<number> => 1;\nexport function start(): void {\n  work();\n}\n',
  },
  'src/planted-misused.ts': {
    rule: 'typescript(no-misused-promises)',
    text: 'const work = async (): Promise<boolean> => true;\nexport const answer = (): string => (work() ? "yes" : "no");\n',
  },
  'src/planted-await.ts': {
    rule: 'typescript(await-thenable)',
    text: 'export async function wait(): Promise<number> {\n  return await 1;\n}\n',
  },
  'src/planted-any.ts': {
    rule: 'typescript(no-explicit-any)',
    text: 'export const read = (value: any): string => String(value);\n',
  },
  'src/planted-non-null.ts': {
    rule: 'typescript(no-non-null-assertion)',
    text: 'export const first = (list: readonly string[]): string => list[0]!;\n',
  },
  'src/planted-ignore.ts': {
    rule: 'typescript(ban-ts-comment)',
    text: `// ${TS_IGNORE}\nexport const wrong: number = 'text';\n`,
  },
  'src/planted-switch.ts': {
    rule: 'typescript(switch-exhaustiveness-check)',
    text: "export function say(mode: 'test' | 'live'): void {\n  switch (mode) {\n    case 'test':\n      break;\n  }\n}\n",
  },
  'src/planted-console.ts': { rule: 'eslint(no-console)', text: "console.log('hello');\nexport const nothing = 0;\n" },
  'src/planted-env.ts': { rule: 'node(no-process-env)', text: "export const port = process.env['PORT'];\n" },
  'src/planted.test.ts': {
    rule: 'jest(no-focused-tests)',
    text: "it.only('is the only one', () => {\n  expect(1).toBe(1);\n});\n",
  },
  'src/planted-skipped.test.ts': {
    rule: 'jest(no-disabled-tests)',
    text: "it.skip('is never run', () => {\n  expect(1).toBe(1);\n});\n",
  },
};

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

it('catches every planted violation and finds nothing in a sound file', async () => {
  const files = Object.fromEntries(Object.entries(PLANTED).map(([file, { text }]) => [file, text]));
  const tree = await plantTree({
    ...files,
    'src/sound.ts': 'export const one = 1;\n',
    'package.json': await readFile(path.join(ROOT, 'package.json'), 'utf8'),
    'tsconfig.json': await readFile(path.join(ROOT, 'tsconfig.json'), 'utf8'),
    '.oxlintrc.json': await readFile(path.join(ROOT, '.oxlintrc.json'), 'utf8'),
  });
  try {
    const report: unknown = JSON.parse(await runTool('oxlint', ['--type-aware', '--format', 'json'], tree.folder));
    const { diagnostics } = report as { diagnostics: readonly Diagnostic[] };
    const found = new Set(diagnostics.map(({ code, filename }) => `${filename}: ${code}`));
    const missed = Object.entries(PLANTED).filter(([file, { rule }]) => !found.has(`${file}: ${rule}`));
    expect(missed).toEqual([]);
    expect(diagnostics.filter(({ filename }) => filename === 'src/sound.ts')).toEqual([]);
  } finally {
    await tree.remove();
  }
}, 120_000);

it('is nowhere told to look away, and no work is left for later in a comment', async () => {
  const banned = new RegExp(BANNED.map((parts) => parts.join('')).join('|'));
  const folders = ['src', 'test', 'bench', 'scripts'];
  const found: string[] = [];
  for (const folder of folders) {
    for (const file of await readdir(path.join(ROOT, folder), { recursive: true })) {
      if (!/\.(ts|mts|mjs|cjs|js|tsx)$/.test(file) || /node_modules|[\\/]generated[\\/]/.test(file)) continue;
      const text = await readFile(path.join(ROOT, folder, file), 'utf8');
      if (banned.test(text)) found.push(path.join(folder, file));
    }
  }
  expect(found).toEqual([]);
});
