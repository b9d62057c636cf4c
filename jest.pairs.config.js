import base from './jest.servers.config.js';

/** Migrations between every ordered pair of providers, over servers that run already: too long for every change. */
export default {
  ...base,
  testMatch: ['<rootDir>/packages/*/test/**/*.pairs.ts'],
};
