import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localStorage } from '@vecport/storage';
import { describeStorage } from './support/storage-conformance.js';

describeStorage('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vecport-storage-'));
  return {
    open: async () => localStorage(join(folder, 'root')),
    close: async () => rm(folder, { recursive: true, force: true }),
  };
});
