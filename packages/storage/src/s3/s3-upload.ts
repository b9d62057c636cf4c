import { createHash } from 'node:crypto';
import type { ObjectUpload } from '../object/object-driver.js';
import type { S3Connection } from './s3-client.js';
import { s3ErrorName, s3ErrorStatus } from './s3-faults.js';
import { writeHeaders } from './s3-headers.js';
import type { S3Settings } from './s3-settings.js';

/** Uploads that this process has begun and not ended: `sweep` leaves them alone. */
const LIVE_UPLOADS = new Set<string>();

/** Whether this process is still at this upload. */
export function isLiveUpload(uploadId: string): boolean {
  return LIVE_UPLOADS.has(uploadId);
}

/** How often an upload is removed until nothing of it is left. */
const REMOVALS = 5;

/** Which object is meant. */
interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

interface SentPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
}

/** Begin a multipart upload. */
export async function startS3Upload(
  connection: S3Connection,
  settings: S3Settings,
  target: Target,
  mark: string,
  signal: AbortSignal,
): Promise<ObjectUpload> {
  const { sdk, client } = connection;
  const crc = settings.checksum === 'crc32' ? { ChecksumAlgorithm: 'CRC32' as const } : {};
  const create = { ...target, ...writeHeaders(settings, mark), ...crc };
  const { UploadId = '' } = await client.send(new sdk.CreateMultipartUploadCommand(create), { abortSignal: signal });
  LIVE_UPLOADS.add(UploadId);
  const parts = new Map<number, SentPart>();
  let size = 0;

  async function send(index: number, bytes: Uint8Array, abortSignal: AbortSignal): Promise<void> {
    const part = { ...target, UploadId, PartNumber: index + 1, Body: bytes, ContentLength: bytes.byteLength };
    const proof = settings.checksum === 'md5' ? { ContentMD5: md5(bytes) } : crc;
    const { ETag, ChecksumCRC32 } = await client.send(new sdk.UploadPartCommand({ ...part, ...proof }), {
      abortSignal,
    });
    const sent = { PartNumber: index + 1, ETag };
    if (!parts.has(index)) size += bytes.byteLength;
    parts.set(index, ChecksumCRC32 === undefined ? sent : { ...sent, ChecksumCRC32 });
  }

  return {
    put: send,
    async complete(index, last, abortSignal) {
      if (!parts.has(index)) await send(index, last, abortSignal);
      const Parts = [...parts.values()].sort((left, right) => left.PartNumber - right.PartNumber);
      const complete = {
        ...target,
        UploadId,
        MultipartUpload: { Parts },
        ...(settings.checksum === 'crc32' ? { MpuObjectSize: size } : {}),
      };
      await client.send(new sdk.CompleteMultipartUploadCommand(complete), { abortSignal });
      LIVE_UPLOADS.delete(UploadId);
    },
    async abort(abortSignal) {
      await removeS3Upload(connection, { ...target, UploadId }, abortSignal);
      LIVE_UPLOADS.delete(UploadId);
    },
  };
}

/** Remove an upload with all its parts. It is no error when it is gone. */
export async function removeS3Upload(
  { sdk, client }: S3Connection,
  upload: Target & { readonly UploadId: string },
  abortSignal: AbortSignal,
): Promise<void> {
  for (let removal = 1; removal <= REMOVALS; removal++) {
    try {
      await client.send(new sdk.AbortMultipartUploadCommand(upload), { abortSignal });
      // A part that was on its way may have been kept: Amazon's advice is to look, and to remove again.
      const { Parts = [] } = await client.send(new sdk.ListPartsCommand({ ...upload, MaxParts: 1 }), { abortSignal });
      if (Parts.length === 0) return;
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
  }
}

/** Some servers know an upload no more, others do not tell what is left of one that was removed. */
function isGone(error: unknown): boolean {
  return s3ErrorName(error) === 'NoSuchUpload' || [404, 405, 501].includes(s3ErrorStatus(error) ?? 0);
}

/** The value of a `Content-MD5` header. */
export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64');
}
