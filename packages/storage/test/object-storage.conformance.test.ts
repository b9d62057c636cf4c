import { objectStorage } from '../src/object/object-storage.js';
import { DEFAULT_RETRIES } from '../src/object/retry.js';
import { memoryBucket, memoryDriver } from './support/memory-driver.js';
import { describeStorage } from './support/storage-conformance.js';

describeStorage('a bucket in memory', async () => {
  const bucket = memoryBucket();
  return { open: async () => objectStorage(memoryDriver(bucket), 'prefix/', DEFAULT_RETRIES) };
});
