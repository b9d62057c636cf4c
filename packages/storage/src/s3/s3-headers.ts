import type { ServerSideEncryption, StorageClass } from '@aws-sdk/client-s3';
import type { S3Settings } from './s3-settings.js';

/** Name of the metadata that an object's writer is known by. */
export const MARK = 'vecport-writer';

/** What every new object is given. */
export function writeHeaders({ encryption, kmsKeyId, storageClass }: S3Settings, mark: string) {
  return {
    ContentType: 'application/octet-stream',
    Metadata: { [MARK]: mark },
    ...(encryption === undefined ? {} : { ServerSideEncryption: encryption as ServerSideEncryption }),
    ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
    ...(storageClass === undefined ? {} : { StorageClass: storageClass as StorageClass }),
  };
}
