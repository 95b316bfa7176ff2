/**
 * The floors of docs/ARCHITECTURE.md, top to bottom: main, cli, quickstart > app.module > modules, backoffice > contracts >
 * kernel > config. An import goes down, never up, never sideways. test/architecture/floors.test.ts plants a violation of
 * every rule below and expects it to be reported.
 */
const TOP = '^src/(main\\.ts|app\\.module\\.ts|cli/|quickstart/)';
/** What talks to PostgreSQL. */
const DATABASE_CLIENTS =
  '(^|/)node_modules/(pg|pg-[a-z-]+|@prisma/[a-z-]+|\\.prisma|prisma)/|^src/kernel/database/generated/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'config-stands-at-the-bottom',
      comment: 'Settings are read before anything else exists.',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^src/', pathNot: '^src/config/' },
    },
    {
      name: 'kernel-knows-no-module',
      comment: 'The kernel serves every module alike, so it may know none of them, nor what they say to each other.',
      severity: 'error',
      from: { path: '^src/kernel/' },
      to: { path: '^src/', pathNot: '^src/(kernel|config)/' },
    },
    {
      name: 'contracts-stand-on-the-kernel',
      comment: 'A contract is what a module says in public; it may not drag the module in.',
      severity: 'error',
      from: { path: '^src/contracts/' },
      to: { path: '^src/', pathNot: '^src/(contracts|kernel|config)/' },
    },
    {
      name: 'modules-talk-through-the-outbox-only',
      comment: 'No module imports another: otherwise it could not run in another process, or be rewritten alone.',
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/', pathNot: '^src/modules/$1/' },
    },
    {
      name: 'modules-do-not-look-up',
      comment:
        'What composes modules (the app, the command line, the quickstart) and the back-office stand above or beside them.',
      severity: 'error',
      from: { path: '^src/modules/' },
      to: { path: [TOP, '^src/backoffice/'] },
    },
    {
      name: 'backoffice-stands-beside-the-modules',
      comment: 'The back-office uses the admin API as any other client.',
      severity: 'error',
      from: { path: '^src/backoffice/' },
      to: { path: [TOP, '^src/modules/'] },
    },
    {
      name: 'app-module-does-not-look-up',
      comment: 'Composition knows the kernel and the modules, not who starts it.',
      severity: 'error',
      from: { path: '^src/app\\.module\\.ts$' },
      to: { path: '^src/(main\\.ts|cli/|quickstart/)' },
    },
    {
      name: 'sandbox-reads-nothing-of-ours',
      comment:
        "It is written from the gateways' documentation, so that a misreading in an adapter meets an independent reading.",
      severity: 'error',
      from: { path: '^src/sandbox/' },
      to: { path: '^src/', pathNot: '^src/sandbox/' },
    },
    {
      name: 'nobody-imports-the-sandbox',
      comment: 'It is a program of its own that is met on the wire. A test may start it to meet it there.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/sandbox/', '\\.test\\.ts$'] },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'database-clients-in-kernel-and-stores-only',
      comment: 'SQL and Prisma stand in *.store.ts files, where they can be found, and in the kernel.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/kernel/', '\\.store\\.ts$'] },
      to: { path: DATABASE_CLIENTS },
    },
    {
      name: 'statements-in-kernel-and-stores-only',
      comment: 'Prepared statements are SQL.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/kernel/', '\\.store\\.ts$'] },
      to: { path: '^src/kernel/database/tx\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'settings-come-from-config',
      comment: 'process.env has one reader, src/config/env.ts; the sandbox is a program of its own with its own.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(config/env\\.ts$|sandbox/)' },
      to: { path: '^(node:)?process$', dependencyTypes: ['core'] },
    },
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/kernel/database/generated/' },
      to: { circular: true },
    },
    {
      name: 'tests-are-not-imported',
      comment: 'What is shipped does not depend on tests.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: ['\\.test\\.ts$', '^(test|bench|scripts)/'] },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that cannot be resolved cannot be judged.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'dependencies-are-declared',
      comment:
        'A package that only comes along with another may be gone tomorrow, and a development dependency is not shipped.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.test\\.ts$', '^src/kernel/database/generated/', '^src/backoffice/web/'] },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-bundled'],
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|^src/kernel/database/generated/' },
    exclude: { path: '^src/backoffice/web/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
