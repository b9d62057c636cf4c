import { memoryEmbeddingCache, openLocalEmbeddingCache } from '@vecport/embedding-cache';
import { describeEmbeddingCache } from './support/describe-embedding-cache.js';
import { temporaryFolder } from './support/temporary-folder.js';

describeEmbeddingCache('memoryEmbeddingCache', async () => memoryEmbeddingCache());
describeEmbeddingCache('openLocalEmbeddingCache', async () => openLocalEmbeddingCache(await temporaryFolder()));
