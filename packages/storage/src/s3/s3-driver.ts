import type { GetObjectCommandOutput, HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type {
  AbandonedUpload,
  ObjectDriver,
  ObjectInfo,
  OpenObject,
  PartPlan,
  ReadRequest,
  WriteCondition,
} from '../object/object-driver.js';
import { connectS3, type S3Connection } from './s3-client.js';
import { explainS3, s3ErrorName, s3ErrorStatus } from './s3-faults.js';
import { MARK, writeHeaders } from './s3-headers.js';
import type { S3Settings } from './s3-settings.js';
import { isLiveUpload, md5, removeS3Upload, startS3Upload } from './s3-upload.js';

/** Limits of Amazon S3, see "Multipart upload limits" in its user guide; the others have the same. */
const MOST_PARTS = 10_000;
const MOST_KEY_BYTES = 1024;
const MOST_PART_BYTES = 5 * 2 ** 30;
/** After so many parts they double in size, so that their number does for any object. */
const PARTS_OF_ONE_SIZE = 1000;
const PARALLEL_PARTS = 4;

/** A bucket that speaks the protocol of Amazon S3. The client is loaded by the first request. */
export function s3Driver(settings: S3Settings, timeoutMs: number): ObjectDriver {
  const { kind, bucket } = settings;
  let connection: Promise<S3Connection> | undefined;
  const connected = async () => {
    connection ??= connectS3(settings, timeoutMs);
    return connection;
  };

  async function list(prefix: string, next: string | undefined, signal: AbortSignal, most = 1000) {
    const { sdk, client } = await connected();
    const request = { Bucket: bucket, Prefix: prefix, MaxKeys: most, EncodingType: 'url' as const };
    const paged = next === undefined ? request : { ...request, ContinuationToken: next };
    const page = await client.send(new sdk.ListObjectsV2Command(paged), { abortSignal: signal });
    const decode = page.EncodingType === 'url' ? decodeKey : (key: string) => key;
    const objects = (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
      key: decode(Key),
      size: Size,
      modifiedAt: LastModified?.getTime() ?? 0,
    }));
    return { objects, next: page.IsTruncated === true ? page.NextContinuationToken : undefined };
  }

  /**
   * The answer to HEAD has no body, so no reason: a listing is asked for the same key, whose answer has one. It tells
   * a missing bucket from a missing object, too.
   */
  async function explainHead(key: string, error: unknown, signal: AbortSignal): Promise<undefined> {
    const status = s3ErrorStatus(error);
    if (status === undefined || ![301, 307, 400, 401, 403, 404].includes(status)) throw error;
    try {
      await list(key, undefined, signal, 1);
    } catch (reason) {
      if (status === 404 && s3ErrorStatus(reason) === 403) return undefined;
      throw reason;
    }
    if (status !== 404) throw error;
    return undefined;
  }

  return {
    kind,
    url: `${kind}://${bucket}/`,
    parts: partPlan(settings),
    mostKeyBytes: MOST_KEY_BYTES,
    explain: (error) => explainS3(error, settings),
    async head(key, signal) {
      const { sdk, client, answeredAt } = await connected();
      try {
        const found = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }), {
          abortSignal: signal,
        });
        return infoOf(found, found.ContentLength ?? 0, answeredAt(found));
      } catch (error) {
        return explainHead(key, error, signal);
      }
    },
    async read(key, request, signal) {
      const { sdk, client, answeredAt } = await connected();
      try {
        const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...rangeOf(request) });
        const answer = await client.send(command, { abortSignal: signal });
        return opened(answer, answeredAt(answer));
      } catch (error) {
        if (s3ErrorName(error) === 'NoSuchKey') return undefined;
        if (s3ErrorStatus(error) === 416) return 'beyond';
        throw error;
      }
    },
    list: async (prefix, next, signal) => list(prefix, next, signal),
    async delete(key, version, signal) {
      const { sdk, client } = await connected();
      const send = async (condition: { IfMatch?: string }) =>
        client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key, ...condition }), { abortSignal: signal });
      try {
        await (version === undefined ? send({}) : unlessUnknown(async () => send({ IfMatch: version }), send));
      } catch (error) {
        if (s3ErrorName(error) !== 'NoSuchKey' && s3ErrorStatus(error) !== 412) throw error;
      }
    },
    async put(key, bytes, mark, condition, signal) {
      const { sdk, client } = await connected();
      const object = { Bucket: bucket, Key: key, Body: bytes, ContentLength: bytes.byteLength };
      const proof = settings.checksum === 'md5' ? { ContentMD5: md5(bytes) } : {};
      const whole = { ...object, ...proof, ...writeHeaders(settings, mark) };
      const send = async (given: ReturnType<typeof conditionOf>) =>
        client.send(new sdk.PutObjectCommand({ ...whole, ...given }), { abortSignal: signal });
      try {
        const only = conditionOf(condition);
        const { ETag } = await (condition === undefined ? send({}) : unlessUnknown(async () => send(only), send));
        return ETag ?? '';
      } catch (error) {
        const gone = typeof condition?.replaces === 'object' && s3ErrorName(error) === 'NoSuchKey';
        if (condition !== undefined && (gone || s3ErrorStatus(error) === 412)) return undefined;
        throw error;
      }
    },
    async startUpload(key, mark, signal) {
      return startS3Upload(await connected(), settings, { Bucket: bucket, Key: key }, mark, signal);
    },
    async *abandoned(prefix, signal) {
      yield* abandonedUploads(await connected(), bucket, prefix, signal);
    },
  };
}

/** Cloudflare R2 wants all parts but the last to be of one size. */
function partPlan({ kind, partSize }: S3Settings): PartPlan {
  const doublings = (index: number) => (kind === 'r2' ? 0 : Math.floor(index / PARTS_OF_ONE_SIZE));
  return {
    size: (index) => Math.min(partSize * 2 ** doublings(index), MOST_PART_BYTES),
    mostParts: MOST_PARTS,
    parallel: PARALLEL_PARTS,
  };
}

async function* abandonedUploads(
  connection: S3Connection,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<AbandonedUpload> {
  const { sdk, client } = connection;
  let markers: { KeyMarker: string; UploadIdMarker: string } | undefined;
  do {
    const request = { Bucket: bucket, Prefix: prefix, EncodingType: 'url' as const, ...markers };
    const page = await client.send(new sdk.ListMultipartUploadsCommand(request), { abortSignal: signal });
    const decode = page.EncodingType === 'url' ? decodeKey : (key: string) => key;
    for (const { Key, UploadId } of page.Uploads ?? []) {
      const key = decode(Key ?? '');
      // Not every server knows prefixes here.
      if (UploadId === undefined || !key.startsWith(prefix) || isLiveUpload(UploadId)) continue;
      const upload = { Bucket: bucket, Key: key, UploadId };
      yield { key, remove: async (given) => removeS3Upload(connection, upload, given) };
    }
    const { NextKeyMarker = '', NextUploadIdMarker = '' } = page;
    const more = page.IsTruncated === true && NextKeyMarker !== '';
    markers = more ? { KeyMarker: decode(NextKeyMarker), UploadIdMarker: NextUploadIdMarker } : undefined;
  } while (markers !== undefined);
}

/** Some servers refuse conditions that they do not know (501); others ignore them, and this does as much. */
async function unlessUnknown<T>(conditional: () => Promise<T>, plain: (condition: object) => Promise<T>): Promise<T> {
  try {
    return await conditional();
  } catch (error) {
    if (s3ErrorStatus(error) === 501) return plain({});
    throw error;
  }
}

function conditionOf(condition: WriteCondition | undefined): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition === undefined) return {};
  return condition.replaces === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.replaces.version };
}

function rangeOf({ start, end, version }: ReadRequest): { Range?: string; IfMatch?: string } {
  const range = start === 0 && end === undefined ? {} : { Range: `bytes=${start}-${end === undefined ? '' : end - 1}` };
  return version === undefined ? range : { ...range, IfMatch: version };
}

function opened(answer: GetObjectCommandOutput, answeredAt: number | undefined): OpenObject {
  const { Body, ContentLength = 0, ContentRange } = answer;
  const [, start = '0', total = String(ContentLength)] = /^bytes (\d+)-\d+\/(\d+)$/.exec(ContentRange ?? '') ?? [];
  const bytes = Body as AsyncIterable<Uint8Array> | undefined;
  return { info: infoOf(answer, Number(total), answeredAt), start: Number(start), bytes: bytes ?? nothing() };
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* [];
}

function infoOf(
  { ETag = '', LastModified, Metadata }: GetObjectCommandOutput | HeadObjectCommandOutput,
  size: number,
  answeredAt: number | undefined,
): ObjectInfo {
  return { size, modifiedAt: LastModified?.getTime() ?? 0, version: ETag, mark: Metadata?.[MARK], answeredAt };
}

/** Keys in listings are encoded like forms: a plus sign stands for a space. */
function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}
