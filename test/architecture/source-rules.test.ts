import { sourceViolations } from './source-rules.js';

const TX = "import type { Queryable, Tx } from '../../kernel/database/tx.js';\n";
const DATABASE = "import type { Database } from '../../kernel/database/database.js';\n";

/** Each file breaks one rule on its last line. */
const PLANTED: Readonly<Record<string, { readonly rule: string; readonly text: string }>> = {
  'src/modules/ledger/planted-tx.ts': {
    rule: 'sql-in-kernel-and-stores-only',
    text: `${TX}export const run = (tx: Tx) => tx.query('SELECT 1');`,
  },
  'src/modules/ledger/planted-queryable.ts': {
    rule: 'sql-in-kernel-and-stores-only',
    text: `${TX}export const run = (anything: Queryable) => anything['query']('SELECT 1');`,
  },
  'src/modules/ledger/planted-destructured.ts': {
    rule: 'sql-in-kernel-and-stores-only',
    text: `${TX}export const run = ({ query }: Tx) => query('SELECT 1');`,
  },
  'src/modules/ledger/planted-renamed.ts': {
    rule: 'sql-in-kernel-and-stores-only',
    text: `${DATABASE}export const run = (database: Database) => { const { query: ask } = database; return ask('SELECT 1'); };`,
  },
  'src/modules/ledger/planted-database.ts': {
    rule: 'sql-in-kernel-and-stores-only',
    text: `${DATABASE}export const run = (database: Database) => database.query('SELECT 1');`,
  },
  'src/modules/ledger/planted-pool.ts': {
    rule: 'sql-in-kernel-and-stores-only',
    text: `${DATABASE}export const run = (database: Database) => database.pool;`,
  },
  'src/cli/planted-prisma.ts': {
    rule: 'sql-in-kernel-and-stores-only',
    text: `import type { Database } from '../kernel/database/database.js';\nexport const run = (database: Database) => database.prisma;`,
  },
  'src/kernel/planted-env.ts': { rule: 'settings-come-from-config', text: "export const port = process.env['PORT'];" },
  'src/modules/ledger/planted-env.ts': {
    rule: 'settings-come-from-config',
    text: 'export const { env } = globalThis.process;',
  },
  'src/main-planted.ts': { rule: 'settings-come-from-config', text: "export const env = process['env'];" },
};

/** Looks like a violation and is none. */
const SOUND: Readonly<Record<string, string>> = {
  'src/modules/ledger/sound.store.ts': `${TX}export const run = (tx: Tx) => tx.query('SELECT 1');`,
  'src/modules/ledger/sound-request.ts':
    'export const run = (request: { query: string; env: string }) => request.query + request.env;',
  'src/modules/ledger/sound-tx.ts': `${TX}export const run = (tx: Tx) => tx.afterCommit(() => undefined);`,
};

it('keeps SQL in stores and the kernel, and settings in src/config', () => {
  const planted = Object.fromEntries(Object.entries(PLANTED).map(([file, { text }]) => [file, text]));
  const found = sourceViolations({ ...planted, ...SOUND });
  const isPlanted = (file: string): boolean => Object.hasOwn(planted, file);
  // Every planted violation is reported, and nothing else is.
  const expected = Object.entries(PLANTED).map(([file, { rule }]) => `${rule}: ${file}`);
  const reported = found.filter(({ file }) => isPlanted(file)).map(({ rule, file }) => `${rule}: ${file}`);
  expect([...new Set(reported)].toSorted()).toEqual(expected.toSorted());
  expect(found.filter(({ file }) => !isPlanted(file))).toEqual([]);
}, 120_000);
