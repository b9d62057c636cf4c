import { createHash, randomBytes } from 'node:crypto';
import type { ObjectDriver, OpenObject, ReadRequest, WriteCondition } from '../object/object-driver.js';
import type { GcsAnswer, GcsClient } from './gcs-client.js';
import { GcsError } from './gcs-error.js';
import { explainGcs } from './gcs-faults.js';
import { dateOf, type GcsObject, gcsPaths, infoOf, listedOf, newObject } from './gcs-objects.js';
import type { GcsSettings } from './gcs-settings.js';
import { startGcsUpload } from './gcs-upload.js';

/** See "Quotas and limits" in the documentation of Cloud Storage. */
const MOST_KEY_BYTES = 1024;
const MOST_OBJECT_BYTES = 5 * 2 ** 40;
/** Chunks of a resumable upload are multiples of this. */
const CHUNK_STEP = 1 << 18;
const FIELDS = 'name,size,updated,generation,metadata,md5Hash';

/** A bucket of Google Cloud Storage. The client is loaded by the first request. */
export function gcsDriver(settings: GcsSettings, timeoutMs: number): ObjectDriver {
  const { bucket, endpoint } = settings;
  const paths = gcsPaths(bucket);
  const chunkSize = Math.floor(settings.partSize / CHUNK_STEP) * CHUNK_STEP;
  let connection: Promise<GcsClient> | undefined;
  const send: GcsClient = async (request) => {
    connection ??= connect(settings, timeoutMs);
    return (await connection)(request);
  };

  async function list(prefix: string, pageToken: string | undefined, signal: AbortSignal, maxResults = '1000') {
    const query = { prefix, pageToken, maxResults, fields: 'items(name,size,updated),nextPageToken' };
    const answer = await send({ url: paths.objects, query, signal });
    const { items = [], nextPageToken } = JSON.parse(answer.text) as { items?: GcsObject[]; nextPageToken?: string };
    return { objects: items.map(listedOf), next: nextPageToken };
  }

  /** `undefined` for an object that is not there. A missing bucket looks the same, so it is looked for. */
  async function unlessMissing<T>(signal: AbortSignal, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
      await list('', undefined, signal, '1');
      return undefined;
    }
  }

  return {
    kind: 'gs',
    url: `gs://${bucket}/`,
    parts: { size: () => chunkSize, mostParts: Math.floor(MOST_OBJECT_BYTES / chunkSize), parallel: 1 },
    mostKeyBytes: MOST_KEY_BYTES,
    explain: (error) => explainGcs(error, endpoint),
    async head(key, signal) {
      return unlessMissing(signal, async () => {
        const answer = await send({ url: paths.object(key), query: { fields: FIELDS }, signal });
        return infoOf(JSON.parse(answer.text) as GcsObject, answer);
      });
    },
    async read(key, request, signal) {
      return unlessMissing(signal, async () => {
        const query = { alt: 'media', ifGenerationMatch: request.version };
        const headers = rangeOf(request);
        const answer = await send({ url: paths.object(key), query, headers, accepts: [416], streams: true, signal });
        return answer.status === 416 ? ('beyond' as const) : opened(answer);
      });
    },
    list: async (prefix, next, signal) => list(prefix, next, signal),
    async delete(key, version, signal) {
      try {
        await unlessMissing(signal, async () =>
          send({ method: 'DELETE', url: paths.object(key), query: { ifGenerationMatch: version }, signal }),
        );
      } catch (error) {
        if (!isStatus(error, 412)) throw error;
      }
    },
    async put(key, bytes, mark, condition, signal) {
      const md5Hash = createHash('md5').update(bytes).digest('base64');
      const { type, body } = multipart({ ...newObject(key, mark, settings), md5Hash }, bytes);
      const query = { uploadType: 'multipart', ifGenerationMatch: generationFor(condition) };
      const headers = { 'content-type': type };
      const answer = await send({ method: 'POST', url: paths.upload, query, headers, body, accepts: [412], signal });
      if (answer.status === 412) return undefined;
      return (JSON.parse(answer.text) as GcsObject).generation ?? '';
    },
    startUpload: async (key, mark, signal) => startGcsUpload(send, settings, paths, key, mark, signal),
  };
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof GcsError && error.status === status;
}

function rangeOf({ start, end }: ReadRequest): Record<string, string> {
  return start === 0 && end === undefined ? {} : { range: `bytes=${start}-${end === undefined ? '' : end - 1}` };
}

/** Generation 0 stands for "there is none". */
function generationFor(condition: WriteCondition | undefined): string | undefined {
  if (condition === undefined) return undefined;
  return condition.replaces === 'absent' ? '0' : condition.replaces.version;
}

/** Description and bytes in one body, see RFC 2387. */
function multipart(description: object, bytes: Uint8Array): { type: string; body: Uint8Array } {
  const boundary = randomBytes(16).toString('hex');
  const json = JSON.stringify(description);
  const head = `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${json}\r\n`;
  const between = `--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head + between), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { type: `multipart/related; boundary=${boundary}`, body };
}

function opened(answer: GcsAnswer): OpenObject {
  const { headers } = answer;
  const [, start = '0', total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  const size = Number(total ?? headers['x-goog-stored-content-length'] ?? headers['content-length']);
  const modifiedAt = Date.parse(headers['last-modified'] ?? '');
  const version = String(headers['x-goog-generation'] ?? '');
  const info = { size, modifiedAt, version, answeredAt: dateOf(answer) };
  return { info, start: Number(start), bytes: answer.body };
}

/** Node's HTTP is loaded with it, which a local folder does not need. */
async function connect(settings: GcsSettings, timeoutMs: number): Promise<GcsClient> {
  const { connectGcs } = await import('./gcs-client.js');
  return connectGcs(settings, timeoutMs);
}
