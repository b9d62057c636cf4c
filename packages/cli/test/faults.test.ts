import { join } from 'node:path';
import { expect } from '@jest/globals';
import {
  type Direction,
  describeFaults,
  digestIn,
  expectAllInServer,
  expectDone,
  fillFrom,
} from './support/fault-table.js';

const EXPORT: Direction = {
  prepare: fillFrom,
  args: ({ server, cwd }, transport) => [
    ...['export', '--from', server.url(transport), '--to', join(cwd, 'out')],
    ...['--part-rows', '300', '--batch-size', '100'],
  ],
  // The adapter tries each request again by itself.
  impatient: ['--retries', '0'],
  expectComplete: async ({ base, cwd, run }) => {
    expectDone(await run(['verify', join(cwd, 'out')]));
    expect(await digestIn(join(cwd, 'out'))).toBe(base.digest);
  },
};

const IMPORT: Direction = {
  prepare: async () => {},
  args: ({ base, server }, transport) => [
    ...['import', '--from', join(base.folder, 'plain'), '--to', server.url(transport), '--batch-size', '100'],
  ],
  impatient: [],
  expectComplete: expectAllInServer,
};

describeFaults({
  completed: [
    { name: 'an export over gRPC', direction: EXPORT, transport: 'grpc' },
    { name: 'an import over REST', direction: IMPORT, transport: 'http' },
  ],
  resumed: [
    { name: 'an export over REST', direction: EXPORT, transport: 'http' },
    { name: 'an import over gRPC', direction: IMPORT, transport: 'grpc' },
  ],
});
