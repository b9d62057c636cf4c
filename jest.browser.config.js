import config from './jest.config.js';

// Tests in a real browser, of what `npm run build` made. `npm run test:browser` runs them.
export default {
  ...config,
  testMatch: ['<rootDir>/samples/*/test/browser/*.browser.ts'],
  testTimeout: 180_000,
  maxWorkers: 1,
};
