import { createHash } from 'node:crypto';
import type { BlobDownloadResponseParsed, ContainerClient } from '@azure/storage-blob';
import type { ObjectDriver, ObjectUpload, OpenObject, PartPlan, WriteCondition } from '../object/object-driver.js';
import { azureErrorCode, azureErrorStatus, explainAzure } from './azure-faults.js';
import type { AzureSettings } from './azure-settings.js';

/** See "Scalability and performance targets for Blob storage" in the documentation of Azure. */
const MOST_BLOCKS = 50_000;
const MOST_BLOCK_BYTES = 4000 * 2 ** 20;
const MOST_KEY_BYTES = 1024;
/** After so many blocks they double in size, so that their number does for any blob. */
const BLOCKS_OF_ONE_SIZE = 5000;
const PARALLEL_BLOCKS = 4;
/** Name of the metadata that a blob's writer is known by. */
const MARK = 'vecport_writer';

type Blobs = ReturnType<ContainerClient['getBlockBlobClient']>;

/** A container of Azure Blob Storage. The client is loaded by the first request. */
export function azureDriver(settings: AzureSettings, timeoutMs: number): ObjectDriver {
  const { container, access, accessTier } = settings;
  let connection: Promise<ContainerClient> | undefined;
  const connected = async () => {
    connection ??= connect(settings, timeoutMs);
    return connection;
  };
  const blob = async (key: string) => (await connected()).getBlockBlobClient(key);
  const describe = (mark: string) => ({
    metadata: { [MARK]: mark },
    blobHTTPHeaders: { blobContentType: 'application/octet-stream' },
    ...(accessTier === undefined ? {} : { tier: accessTier }),
  });

  return {
    kind: 'az',
    url: `az://${container}/`,
    parts: partPlan(settings.partSize),
    mostKeyBytes: MOST_KEY_BYTES,
    explain: (error) => explainAzure(error, 'endpoint' in access ? access.endpoint : 'the storage account'),
    async head(key, abortSignal) {
      const client = await blob(key);
      return unlessMissing(async () => {
        const found = await client.getProperties({ abortSignal });
        return infoOf(found, found.contentLength ?? 0);
      });
    },
    async read(key, { start, end, version }, abortSignal) {
      const client = await blob(key);
      const count = end === undefined ? undefined : end - start;
      const conditions = version === undefined ? {} : { conditions: { ifMatch: version } };
      return unlessMissing(async () => {
        try {
          return opened(await client.download(start, count, { abortSignal, maxRetryRequests: 0, ...conditions }));
        } catch (error) {
          if (azureErrorStatus(error) === 416) return 'beyond';
          throw error;
        }
      });
    },
    async list(prefix, next, abortSignal) {
      const client = await connected();
      return listPage(client, prefix, next, abortSignal);
    },
    async delete(key, version, abortSignal) {
      const client = await blob(key);
      const conditions = version === undefined ? {} : { conditions: { ifMatch: version } };
      try {
        await unlessMissing(async () => client.delete({ abortSignal, deleteSnapshots: 'include', ...conditions }));
      } catch (error) {
        if (azureErrorStatus(error) !== 412) throw error;
      }
    },
    async put(key, bytes, mark, condition, abortSignal) {
      const client = await blob(key);
      const { blobHTTPHeaders, ...rest } = describe(mark);
      const headers = { ...blobHTTPHeaders, blobContentMD5: md5(bytes) };
      const options = {
        ...rest,
        blobHTTPHeaders: headers,
        transactionalContentMD5: md5(bytes),
        ...conditionOf(condition),
      };
      try {
        const { etag } = await client.upload(bytes, bytes.byteLength, { ...options, abortSignal });
        return etag ?? '';
      } catch (error) {
        const taken = ['ConditionNotMet', 'BlobAlreadyExists', 'BlobNotFound'].includes(azureErrorCode(error));
        if (condition !== undefined && (taken || azureErrorStatus(error) === 412)) return undefined;
        throw error;
      }
    },
    startUpload: async (key, mark) => blockUpload(await blob(key), describe(mark), mark),
  };
}

function partPlan(partSize: number): PartPlan {
  return {
    size: (index) => Math.min(partSize * 2 ** Math.floor(index / BLOCKS_OF_ONE_SIZE), MOST_BLOCK_BYTES),
    mostParts: MOST_BLOCKS,
    parallel: PARALLEL_BLOCKS,
  };
}

/**
 * Blocks that are staged and then committed as a list. What is staged and never committed cannot be removed: the store
 * drops it after a week.
 */
function blockUpload(client: Blobs, description: object, mark: string): ObjectUpload {
  // All of one length, and of this writer only: blocks of another one for the same blob have other names.
  const nameOf = (index: number) => Buffer.from(`${mark}${String(index).padStart(6, '0')}`).toString('base64');

  async function stage(index: number, bytes: Uint8Array, abortSignal: AbortSignal): Promise<void> {
    const transactionalContentMD5 = md5(bytes);
    await client.stageBlock(nameOf(index), bytes, bytes.byteLength, { abortSignal, transactionalContentMD5 });
  }

  return {
    put: stage,
    async complete(index, last, abortSignal) {
      await stage(index, last, abortSignal);
      const names = Array.from({ length: index + 1 }, (_, each) => nameOf(each));
      await client.commitBlockList(names, { ...description, abortSignal });
    },
    async abort() {
      // See above.
    },
  };
}

async function listPage(client: ContainerClient, prefix: string, next: string | undefined, abortSignal: AbortSignal) {
  const pages = client
    .listBlobsFlat({ prefix, abortSignal })
    .byPage({ maxPageSize: 1000, ...(next === undefined ? {} : { continuationToken: next }) });
  for await (const { segment, continuationToken } of pages) {
    const objects = segment.blobItems.map(({ name, properties }) => ({
      key: name,
      size: properties.contentLength ?? 0,
      modifiedAt: properties.lastModified.getTime(),
    }));
    return { objects, next: continuationToken === '' ? undefined : continuationToken };
  }
  return { objects: [], next: undefined };
}

/** `undefined` for a blob that is not there; a missing container stays an error. */
async function unlessMissing<T>(step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (azureErrorCode(error) === 'BlobNotFound') return undefined;
    throw error;
  }
}

function conditionOf(condition: WriteCondition | undefined) {
  if (condition === undefined) return {};
  const { replaces } = condition;
  return { conditions: replaces === 'absent' ? { ifNoneMatch: '*' } : { ifMatch: replaces.version } };
}

function opened(answer: BlobDownloadResponseParsed): OpenObject {
  const { contentLength = 0, contentRange, readableStreamBody } = answer;
  const [, start = '0', total = String(contentLength)] = /^bytes (\d+)-\d+\/(\d+)$/.exec(contentRange ?? '') ?? [];
  const bytes = readableStreamBody as AsyncIterable<Uint8Array> | undefined;
  return { info: infoOf(answer, Number(total)), start: Number(start), bytes: bytes ?? nothing() };
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* [];
}

interface Described {
  readonly etag?: string;
  readonly lastModified?: Date;
  readonly date?: Date;
  readonly metadata?: Record<string, string>;
}

function infoOf({ etag = '', lastModified, date, metadata }: Described, size: number) {
  const modifiedAt = lastModified?.getTime() ?? 0;
  return { size, modifiedAt, version: etag, mark: metadata?.[MARK], answeredAt: date?.getTime() };
}

function md5(bytes: Uint8Array): Uint8Array {
  return createHash('md5').update(bytes).digest();
}

/** Node's HTTP is loaded with it, which a local folder does not need. */
async function connect(settings: AzureSettings, timeoutMs: number): Promise<ContainerClient> {
  const { connectAzure } = await import('./azure-client.js');
  return connectAzure(settings, timeoutMs);
}
