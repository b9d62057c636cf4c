import type { ListedObject, ObjectInfo } from '../object/object-driver.js';
import type { GcsAnswer } from './gcs-client.js';
import type { GcsSettings } from './gcs-settings.js';

/** Name of the metadata that an object's writer is known by. */
const MARK = 'vecport-writer';

/** An object as the JSON API describes it, as far as it is used. */
export interface GcsObject {
  readonly name?: string | undefined;
  readonly size?: string | undefined;
  readonly updated?: string | undefined;
  readonly generation?: string | undefined;
  readonly md5Hash?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Where in the API a bucket is. */
export interface GcsPaths {
  readonly objects: string;
  readonly upload: string;
  object(key: string): string;
}

/** Paths below the endpoint. */
export function gcsPaths(bucket: string): GcsPaths {
  const objects = `/storage/v1/b/${encodeURIComponent(bucket)}/o`;
  return { objects, upload: `/upload${objects}`, object: (key) => `${objects}/${encodeURIComponent(key)}` };
}

/** What a new object is described by. */
export function newObject(key: string, mark: string, { storageClass }: GcsSettings) {
  return {
    name: key,
    contentType: 'application/octet-stream',
    metadata: { [MARK]: mark },
    ...(storageClass === undefined ? {} : { storageClass }),
  };
}

/** What the API says of an object. */
export function infoOf({ size, updated, generation = '', metadata }: GcsObject, answer: GcsAnswer): ObjectInfo {
  return {
    size: Number(size),
    modifiedAt: Date.parse(updated ?? ''),
    version: generation,
    mark: metadata?.[MARK],
    answeredAt: dateOf(answer),
  };
}

/** An entry of a listing. */
export function listedOf({ name = '', size, updated }: GcsObject): ListedObject {
  return { key: name, size: Number(size), modifiedAt: Date.parse(updated ?? '') };
}

/** When the store answered; `undefined` where it does not say. */
export function dateOf(answer: GcsAnswer): number | undefined {
  const at = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(at) ? undefined : at;
}
