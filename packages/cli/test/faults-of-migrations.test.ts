import { join } from 'node:path';
import { expect } from '@jest/globals';
import { type Direction, describeFaults, expectAllInServer, expectDone, fillFrom } from './support/fault-table.js';

const FROM: Direction = {
  prepare: fillFrom,
  args: ({ server, cwd }, transport) => [
    ...['migrate', '--from', server.url(transport), '--to', `lancedb:${join(cwd, 'target')}`, '--batch-size', '100'],
  ],
  impatient: [],
  expectComplete: async ({ base, cwd, run }) => {
    const target = `lancedb:${join(cwd, 'target')}#items`;
    const verified = await run(['verify', join(base.folder, 'plain'), '--against', target]);
    expectDone(verified);
    expect(verified.stdout).toContain('Equal to lancedb / items');
  },
};

const TO: Direction = {
  prepare: async () => {},
  args: ({ base, server }, transport) => [
    ...['migrate', '--from', `lancedb:${join(base.folder, 'data')}#items`, '--to', server.url(transport)],
    ...['--batch-size', '100'],
  ],
  impatient: [],
  expectComplete: expectAllInServer,
};

describeFaults({
  completed: [
    { name: 'a migration from a store over REST', direction: FROM, transport: 'http' },
    { name: 'a migration into a store over gRPC', direction: TO, transport: 'grpc' },
  ],
  resumed: [
    { name: 'a migration from a store over gRPC', direction: FROM, transport: 'grpc' },
    { name: 'a migration into a store over REST', direction: TO, transport: 'http' },
  ],
});
