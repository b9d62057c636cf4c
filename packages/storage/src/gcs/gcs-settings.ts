import type { Settings } from '../settings/read-settings.js';

/** Everything that is known of a bucket of Google Cloud Storage before it is asked. */
export interface GcsSettings {
  readonly bucket: string;
  /** Where requests go; Google's own unless one is given. */
  readonly endpoint: string;
  readonly isOwnEndpoint: boolean;
  readonly project: string | undefined;
  /** `undefined` for the default credentials of Google. */
  readonly credentialsFile: string | undefined;
  readonly storageClass: string | undefined;
  readonly partSize: number;
}

const GOOGLE = 'https://storage.googleapis.com';

/** @throws StorageError `invalid-setting`. */
export function gcsSettings(bucket: string, settings: Settings): GcsSettings {
  const endpoint = settings.endpoint();
  return {
    bucket,
    endpoint: endpoint ?? GOOGLE,
    isOwnEndpoint: endpoint !== undefined,
    project: settings.text('project'),
    credentialsFile: settings.text('credentials-file'),
    storageClass: settings.text('storage-class'),
    partSize: settings.partSize(),
  };
}
