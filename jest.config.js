/**
 * Two projects: `unit` (pure code, beside its source) and `system` (real PostgreSQL and Redis, processes).
 * ESM all the way: run with NODE_OPTIONS=--experimental-vm-modules (scripts/test.mjs sets it).
 */
const swc = {
  // .swcrc is for the build, and leaves the tests out.
  swcrc: false,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.sankofa/'],
};

export default {
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  // A worker with nothing left open still takes a while to end on a busy machine; after Jest's 500 ms it is taken for a leak.
  workerGracefulExitTimeout: 10_000,
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.test.ts'] },
    {
      ...base,
      displayName: 'system',
      testEnvironment: '<rootDir>/test/support/environment.mjs',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    },
  ],
};
