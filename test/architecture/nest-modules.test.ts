/**
 * The second wall: a feature module has no exports, imports kernel modules only, and boots alone. And what the modules
 * register at boot is what src/contracts/consumers.ts says.
 *
 * Modules are loaded in a child process, from the built program: that is what is shipped, and some packages below Nest
 * cannot be loaded inside Jest.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CONSUMERS } from '../../src/contracts/consumers.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ROOT } from './planted-tree.js';

interface Report {
  readonly module: string;
  readonly exports: readonly string[];
  readonly imports: readonly string[];
  readonly kernelModules: readonly string[];
  readonly consumers: readonly { readonly name: string; readonly module: string; readonly types: readonly string[] }[];
}

const FEATURES = ['payments', 'routing', 'ledger', 'notification', 'reconciliation', 'auth'];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** Boots one module with the kernel beside it, and says what it found. */
function inspect(moduleFile: string, name: string): Promise<Report> {
  const script = path.join(ROOT, 'test/architecture/inspect-module.mjs');
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    // Handlers register whatever the role; http opens no queue, so that nothing is consumed meanwhile.
    ROLE: 'http',
    MODULES: name,
  };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, moduleFile, name], { env, cwd: ROOT }, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(stderr || error.message));
      else resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Report);
    });
  });
}

const builtModule = (name: string): string => path.join(ROOT, `dist/modules/${name}/${name}.module.js`);

function violationsOf(report: Report): readonly string[] {
  const foreign = report.imports.filter((each) => !report.kernelModules.includes(each));
  return [
    ...report.exports.map((each) => `${report.module} exports ${each}`),
    ...foreign.map((each) => `${report.module} imports ${each}`),
  ];
}

describe.each(FEATURES)('the module %s', (name) => {
  it('boots alone, exports nothing, imports kernel modules only, and registers the consumers it is said to have', async () => {
    const report = await inspect(builtModule(name), name);
    expect(violationsOf(report)).toEqual([]);
    const registered = report.consumers.filter((consumer) => consumer.module !== 'kernel');
    const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
    const said = CONSUMERS.filter((consumer) => consumer.module === name);
    expect([...registered].toSorted(byName)).toEqual([...said].toSorted(byName));
  }, 120_000);
});

describe('a module that breaks the wall', () => {
  const planted = (decorator: string): string =>
    `import 'reflect-metadata';
     import { Module } from '@nestjs/common';
     class Service {}
     class Other {}
     Module({ providers: [Service] })(Other);
     export class PlantedModule {}
     Module(${decorator})(PlantedModule);`;

  it.each([
    ['exports a provider', '{ providers: [Service], exports: [Service] }', ['PlantedModule exports Service']],
    ['imports another module', '{ imports: [Other] }', ['PlantedModule imports Other']],
    ['imports one dynamically', '{ imports: [{ module: Other, global: true }] }', ['PlantedModule imports Other']],
    ['imports one later', '{ imports: [Promise.resolve({ module: Other })] }', ['PlantedModule imports Other']],
  ])(
    'is reported when it %s',
    async (_, decorator, expected) => {
      // Inside the project, so that its imports resolve as a real module's do.
      const folder = await mkdtemp(path.join(ROOT, 'node_modules/.planted-module-'));
      try {
        const file = path.join(folder, 'planted.module.js');
        await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
        await writeFile(file, planted(decorator));
        expect(violationsOf(await inspect(file, 'ledger'))).toEqual(expected);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    120_000,
  );

  it('does not boot when it needs what no kernel module gives', async () => {
    const folder = await mkdtemp(path.join(ROOT, 'node_modules/.planted-module-'));
    try {
      const file = path.join(folder, 'planted.module.js');
      await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
      const needy = `class Needy {}
        Reflect.defineMetadata('design:paramtypes', [Other], Needy);
        Module({ providers: [Needy] })(PlantedModule);`;
      await writeFile(file, `${planted('{}')}\n${needy}`);
      await expect(inspect(file, 'ledger')).rejects.toThrow(/resolve dependencies of the Needy/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
