// LanceDB warns about indexes of tiny tables, which tests have on purpose.
process.env['LANCEDB_LOG'] ??= 'error';

export default {
  // Much of the time is waiting: for servers, for processes that are killed, for clocks.
  maxWorkers: '100%',
  // Modules of a test file are not given back when it ends: a worker that holds too much is replaced.
  workerIdleMemoryLimit: '1GB',
  // A busy machine is slow, not wrong.
  testTimeout: 30_000,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@vecport/source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/{packages,samples,tools}/*/test/**/*.test.ts', '!**/*.server.test.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', tsx: true, decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  reporters: ['default', '<rootDir>/tools/jest/closing-line-reporter.js'],
  coverageProvider: 'v8',
  collectCoverageFrom: ['{packages,samples}/*/src/**/*.{ts,tsx}'],
  coverageReporters: ['text-summary', 'lcov'],
};
