/** The first wall: an import goes down a floor, never up, never sideways. Rules: .dependency-cruiser.cjs. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { plantTree, ROOT, runTool } from './planted-tree.js';

/** Seconds in fact; a machine that runs a whole suite beside it is slower. */
const TIMEOUT_MS = 120_000;

interface Violation {
  readonly rule: string;
  readonly from: string;
}

async function violationsIn(folder: string): Promise<Violation[]> {
  const config = path.join(ROOT, '.dependency-cruiser.cjs');
  const report = await runTool('depcruise', ['src', '--config', config, '--output-type', 'json'], folder);
  const parsed: unknown = JSON.parse(report);
  const { summary } = parsed as { summary: { violations: { rule: { name: string }; from: string }[] } };
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
}

const EMPTY = 'export const nothing = 0;\n';
const imports = (...specifiers: string[]): string =>
  specifiers.map((specifier, index) => `import * as i${index} from '${specifier}';\nvoid i${index};\n`).join('');

/** What stands in the planted tree and breaks no rule. */
const SOUND: Readonly<Record<string, string>> = {
  'src/config/env.ts': imports('node:process'),
  'src/kernel/money/money.ts': imports('../../config/env.js'),
  'src/kernel/database/tx.ts': EMPTY,
  'src/kernel/database/database.ts': imports('pg', './tx.js'),
  'src/contracts/ledger.events.ts': imports('../kernel/money/money.js', 'zod'),
  'src/modules/ledger/ledger.store.ts': imports('../../kernel/database/tx.js', 'pg', '@prisma/client'),
  'src/modules/ledger/post.ts': `${imports('./ledger.store.js', '../../contracts/ledger.events.js')}import type { nothing } from '../../kernel/database/tx.js';\nexport type T = typeof nothing;\n`,
  'src/modules/ledger/post.test.ts': imports('./post.js', 'fast-check'),
  'src/modules/ledger/ledger.module.ts': imports('./post.js'),
  'src/modules/routing/routing.module.ts': EMPTY,
  'src/backoffice/backoffice.module.ts': imports('../kernel/money/money.js'),
  'src/sandbox/ledger.ts': EMPTY,
  'src/sandbox/main.ts': imports('./ledger.js', 'node:process'),
  'src/app.module.ts': imports('./modules/ledger/ledger.module.js', './kernel/money/money.js'),
  'src/main.ts': imports('./app.module.js'),
  'src/cli/main.ts': imports('../modules/ledger/post.js', '../main.js'),
  'test/support/database.ts': EMPTY,
};

/** One file per violation, and the rule that must catch it. Some rules can be broken in more than one way. */
const PLANTED: readonly { readonly rule: string; readonly file: string; readonly text: string }[] = [
  { rule: 'config-stands-at-the-bottom', file: 'src/config/planted.ts', text: imports('../kernel/money/money.js') },
  { rule: 'kernel-knows-no-module', file: 'src/kernel/planted-module.ts', text: imports('../modules/ledger/post.js') },
  {
    rule: 'kernel-knows-no-module',
    file: 'src/kernel/planted-contract.ts',
    text: imports('../contracts/ledger.events.js'),
  },
  {
    rule: 'kernel-knows-no-module',
    file: 'src/kernel/planted-type.ts',
    text: "import type * as events from '../contracts/ledger.events.js';\nexport type E = typeof events;\n",
  },
  {
    rule: 'kernel-knows-no-module',
    file: 'src/kernel/planted-lazy.ts',
    text: "export const lazy = () => import('../modules/ledger/post.js');\n",
  },
  {
    rule: 'contracts-stand-on-the-kernel',
    file: 'src/contracts/planted.ts',
    text: imports('../modules/ledger/post.js'),
  },
  {
    rule: 'modules-talk-through-the-outbox-only',
    file: 'src/modules/routing/planted.ts',
    text: imports('../ledger/post.js'),
  },
  {
    rule: 'modules-talk-through-the-outbox-only',
    file: 'src/modules/routing/planted-type.ts',
    text: "import type * as post from '../ledger/post.js';\nexport type P = typeof post;\n",
  },
  { rule: 'modules-do-not-look-up', file: 'src/modules/ledger/planted-app.ts', text: imports('../../app.module.js') },
  { rule: 'modules-do-not-look-up', file: 'src/modules/ledger/planted-cli.ts', text: imports('../../cli/main.js') },
  {
    rule: 'backoffice-stands-beside-the-modules',
    file: 'src/backoffice/planted.ts',
    text: imports('../modules/ledger/post.js'),
  },
  {
    rule: 'app-module-does-not-look-up',
    file: 'src/app.module.ts',
    text: imports('./modules/ledger/ledger.module.js', './cli/other.js'),
  },
  { rule: 'sandbox-reads-nothing-of-ours', file: 'src/sandbox/planted.ts', text: imports('../kernel/money/money.js') },
  { rule: 'nobody-imports-the-sandbox', file: 'src/cli/planted.ts', text: imports('../sandbox/ledger.js') },
  { rule: 'database-clients-in-kernel-and-stores-only', file: 'src/modules/ledger/planted-pg.ts', text: imports('pg') },
  {
    rule: 'database-clients-in-kernel-and-stores-only',
    file: 'src/modules/ledger/planted-prisma.ts',
    text: imports('@prisma/client'),
  },
  {
    rule: 'database-clients-in-kernel-and-stores-only',
    file: 'src/modules/ledger/planted-generated.ts',
    text: imports('../../kernel/database/generated/client.js'),
  },
  {
    rule: 'statements-in-kernel-and-stores-only',
    file: 'src/modules/ledger/planted-statement.ts',
    text: imports('../../kernel/database/tx.js'),
  },
  { rule: 'settings-come-from-config', file: 'src/modules/ledger/planted-env.ts', text: imports('node:process') },
  { rule: 'settings-come-from-config', file: 'src/modules/ledger/planted-env-bare.ts', text: imports('process') },
  { rule: 'no-circles', file: 'src/modules/ledger/planted-a.ts', text: imports('./planted-b.js') },
  { rule: 'tests-are-not-imported', file: 'src/modules/ledger/planted-test.ts', text: imports('./post.test.js') },
  {
    rule: 'tests-are-not-imported',
    file: 'src/modules/ledger/planted-support.ts',
    text: imports('../../../test/support/database.js'),
  },
  { rule: 'everything-resolves', file: 'src/modules/ledger/planted-nowhere.ts', text: imports('./nowhere.js') },
  { rule: 'dependencies-are-declared', file: 'src/modules/ledger/planted-dev.ts', text: imports('fast-check') },
];

/** Needed by what is planted, and no violation itself (a circle is reported once). */
const BESIDES = {
  'src/kernel/database/generated/client.ts': EMPTY,
  'src/cli/other.ts': EMPTY,
  'src/modules/ledger/planted-b.ts': imports('./planted-a.js'),
};

describe('the floors', () => {
  it(
    'are kept by the source',
    async () => {
      expect(await violationsIn(ROOT)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'are broken nowhere in a sound tree, and by every violation planted in it',
    async () => {
      const support = {
        'package.json': await readFile(path.join(ROOT, 'package.json'), 'utf8'),
        'tsconfig.json': await readFile(path.join(ROOT, 'tsconfig.json'), 'utf8'),
      };
      const sound = await plantTree({ ...support, ...SOUND });
      const planted = Object.fromEntries(PLANTED.map(({ file, text }) => [file, text]));
      const broken = await plantTree({ ...support, ...SOUND, ...BESIDES, ...planted });
      try {
        expect(await violationsIn(sound.folder)).toEqual([]);
        const found = (await violationsIn(broken.folder)).map(({ rule, from }) => `${rule}: ${from}`);
        const expected = PLANTED.map(({ rule, file }) => `${rule}: ${file}`);
        expect([...new Set(found)].toSorted()).toEqual(expected.toSorted());
      } finally {
        await sound.remove();
        await broken.remove();
      }
    },
    TIMEOUT_MS,
  );

  it('have a planted violation for every rule', () => {
    const require = createRequire(import.meta.url);
    const { forbidden } = require(path.join(ROOT, '.dependency-cruiser.cjs')) as { forbidden: { name: string }[] };
    const tried = new Set(PLANTED.map(({ rule }) => rule));
    expect(forbidden.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });
});
