import base from './jest.config.js';

/** Tests against real servers, which `npm run test:servers` starts. One after another: they share two cores with them. */
export default {
  ...base,
  testMatch: ['<rootDir>/{packages,samples,tools}/*/test/**/*.server.test.ts'],
  maxWorkers: 1,
  testTimeout: 120_000,
};
