import { randomUUID } from 'node:crypto';
import { testedServers } from '@vecport/testkit';
import { openServer } from './support/open-server.js';
import { describeStorage } from './support/storage-conformance.js';

for (const name of testedServers(['s3', 'r2', 'gcs', 'azure'])) {
  const prefix = `conformance ü-${randomUUID()}`;
  describeStorage(name, async () => ({ open: async () => openServer(name, prefix) }));
}
