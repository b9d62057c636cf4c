import { hash } from 'node:crypto';
import { VecportError } from '@vecport/abstractions';
import { extensionOf, PART_EXTENSIONS, type PartEncoding, type PartExtension } from './part-encoding.js';

/** The file whose presence says that a dataset is complete. */
export const MANIFEST_PATH = 'manifest.json';
/** The pinned plan of an export, there while it is not complete. */
export const PLAN_PATH = 'plan.json';
/** The summary for tools that do not know the manifest. */
export const EXPORT_METADATA_PATH = 'export_metadata.json';
/** Folder of all collections. */
export const COLLECTIONS_FOLDER = 'collections';

/** Folder of the parts of a collection that has no tenants. */
const NO_TENANT = '_';
const LONGEST = 200;
const KEPT_OF_LONG = 150;
const CUT_MARK = '%.';
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const TOMBSTONES = 'tombstones';
const PART_NAME = /^part-(\d{3,})-(\d{5,})(?:-[0-9a-f]{8})?\.(?:parquet|ndjson(?:\.gz|\.zst)?)$/;
const ATTEMPT = /^[0-9a-f]{8}$/;

/** Where a part belongs. */
export interface PartPlace {
  /** Name of the collection. */
  readonly collection: string;
  /** The collection's folder where it is not `collectionFolder(collection)`; see {@link collectionFolders}. */
  readonly folder?: string | undefined;
  /** Name of the tenant, namespace or partition; absent where the collection has none. */
  readonly tenant?: string | undefined;
  /** Name of the tenant's folder where it is not `folderName(tenant)`; see {@link folderNames}. */
  readonly tenantFolder?: string | undefined;
  /** Number of the slice, from 0. */
  readonly slice: number;
  /** Number of the part within its slice, from 0. */
  readonly index: number;
  /**
   * Eight hexadecimal digits that no other attempt to write this part has, where several may be made at the same time;
   * absent where there is one writer.
   */
  readonly attempt?: string | undefined;
  /** How the part is written, which its name ends with; in Parquet if not said. */
  readonly encoding?: PartEncoding | undefined;
}

/**
 * A name as the name of a folder that every file system and bucket can hold. Letters of ASCII,
 * digits, `-`, `_` and `.` stay; every other character becomes the `%XX` of its UTF-8 bytes, so Unicode
 * normalisation of file systems cannot touch it. A leading or trailing `.`, a lone `_` and names of
 * Windows devices are encoded too. {@link nameOfFolder} reverses it, unless the result would be
 * longer than 200 characters: then it is cut and ends in `%.` and 32 digits of the name's SHA-256.
 *
 * Two names that differ in the case of letters only give folders that a case-insensitive file system takes for one:
 * {@link folderNames} keeps them apart.
 * @throws VecportError `invalid-argument` for an empty name or one with half a surrogate pair.
 */
export function folderName(name: string): string {
  return shortened(name, encoded(name));
}

/**
 * Folders for names that will stand side by side, different on case-insensitive file systems as
 * well: of names that differ in case only, the capital letters of each are encoded. Reversible like {@link folderName}.
 */
export function folderNames(names: Iterable<string>): ReadonlyMap<string, string> {
  const list = [...new Set(names)];
  const taken = new Map<string, number>();
  for (const name of list) taken.set(foldCase(name), (taken.get(foldCase(name)) ?? 0) + 1);
  return new Map(
    list.map((name) => {
      const alone = taken.get(foldCase(name)) === 1;
      return [name, alone ? folderName(name) : shortened(name, encodeCapitals(encoded(name)))];
    }),
  );
}

/** The name a folder was made from, or `undefined` where it was cut or is none of ours. */
export function nameOfFolder(folder: string): string | undefined {
  if (folder.includes(CUT_MARK)) return undefined;
  try {
    return decodeURIComponent(folder);
  } catch {
    return undefined;
  }
}

/** Folder of a collection, relative to the dataset: `collections/<folderName>`. */
export function collectionFolder(name: string): string {
  return `${COLLECTIONS_FOLDER}/${folderName(name)}`;
}

/** Folders of collections that lie in one dataset, see {@link folderNames}: in nearly all cases those of {@link collectionFolder}. */
export function collectionFolders(names: Iterable<string>): ReadonlyMap<string, string> {
  return new Map(Array.from(folderNames(names), ([name, folder]) => [name, `${COLLECTIONS_FOLDER}/${folder}`]));
}

/** Path of a collection's description, given its folder. */
export function schemaPath(folder: string): string {
  return `${folder}/schema.json`;
}

/** Path of the points of a collection that could not be carried, given its folder: one JSON object a line. */
export function quarantinePath(folder: string): string {
  return `${folder}/quarantine.ndjson`;
}

/** Path of a part, relative to the dataset: `collections/<name>/<tenant or _>/part-<slice>-<index>[-<attempt>].<extension>`. */
export function partPath(place: PartPlace): string {
  const name = `part-${numbered(place.slice, 3)}-${numbered(place.index, 5)}${attemptAtEnd(place)}`;
  return `${tenantPath(place)}/${name}.${extensionAt(place)}`;
}

function attemptAtEnd({ attempt }: PartPlace): string {
  if (attempt === undefined) return '';
  if (ATTEMPT.test(attempt)) return `-${attempt}`;
  throw new VecportError('invalid-argument', `'${attempt}' cannot be the name of an attempt.`);
}

/** Path of the ids that an increment says are gone: `collections/<name>/<tenant or _>/tombstones.<extension>`. */
export function tombstonesPath(place: Omit<PartPlace, 'slice' | 'index' | 'attempt'>): string {
  return `${tenantPath(place)}/${TOMBSTONES}.${extensionAt(place)}`;
}

function tenantPath({
  collection,
  folder = collectionFolder(collection),
  tenant,
  tenantFolder,
}: PlaceOfTenant): string {
  return `${folder}/${tenant === undefined ? NO_TENANT : (tenantFolder ?? folderName(tenant))}`;
}

type PlaceOfTenant = Omit<PartPlace, 'slice' | 'index' | 'attempt'>;

function extensionAt({ encoding }: PlaceOfTenant): PartExtension {
  return encoding === undefined ? 'parquet' : extensionOf(encoding);
}

/** The ending of a file of points, which says how it is written; `undefined` for none of {@link PART_EXTENSIONS}. */
export function extensionAtEnd(path: string): PartExtension | undefined {
  return PART_EXTENSIONS.find((extension) => path.endsWith(`.${extension}`));
}

/** Whether a path is named as a file of points is: a part, or tombstones. */
export function isDataPath(path: string): boolean {
  return isPartPath(path) || PART_EXTENSIONS.some((extension) => path.endsWith(`/${TOMBSTONES}.${extension}`));
}

/** Whether a path is named as a part is. */
export function isPartPath(path: string): boolean {
  return PART_NAME.test(path.slice(path.lastIndexOf('/') + 1));
}

/**
 * Let a path that was read from a manifest pass only when it lies below `folder` of the dataset.
 * @throws VecportError `corrupt-data` for an absolute one, one with `..`, `.`, an empty part, a backslash or a control
 * character, and one that is elsewhere.
 */
export function assertInside(path: string, folder: string): void {
  if (!isHostile(path) && path.startsWith(`${folder}/`)) return;
  throw new VecportError(
    'corrupt-data',
    `The manifest names the path ${JSON.stringify(path)}, which is not inside '${folder}/'.`,
    {
      advice: 'Do not use this dataset: a manifest that points outside of its folder was not written by Vecport.',
    },
  );
}

/**
 * Let the path of a file in another tool's layout pass only when it lies in the dataset and is a Parquet file that stands
 * beside our own.
 * @throws VecportError `corrupt-data`.
 */
export function assertLayoutPath(path: string): void {
  const isOwn = path.startsWith(`${COLLECTIONS_FOLDER}/`) || !path.endsWith('.parquet');
  if (!isHostile(path) && !isOwn) return;
  throw new VecportError(
    'corrupt-data',
    `The manifest names the path ${JSON.stringify(path)}, where no file of its layout lies.`,
    { advice: 'Do not use this dataset: its manifest was not written by Vecport.' },
  );
}

function isHostile(path: string): boolean {
  return path.split('/').some((part) => part === '' || part === '.' || part === '..') || hasForbidden(path);
}

function encoded(name: string): string {
  if (name === '' || !name.isWellFormed()) {
    throw new VecportError('invalid-argument', `${JSON.stringify(name)} cannot be the name of a folder.`);
  }
  const text = encodeURIComponent(name).replace(/[!~*'()]/g, percent);
  if (text === NO_TENANT || DEVICE.test(text)) return percent(text) + text.slice(1);
  return text.replace(/^\.|\.$/g, percent);
}

function shortened(name: string, folder: string): string {
  if (folder.length <= LONGEST) return folder;
  const kept = folder.slice(0, KEPT_OF_LONG).replace(/%.?$/, '');
  return kept + CUT_MARK + hash('sha256', name, 'hex').slice(0, 32);
}

function encodeCapitals(folder: string): string {
  return folder.replace(/%[0-9A-F]{2}|[A-Z]/g, (match) => (match.length === 1 ? percent(match) : match));
}

/** One character of ASCII, the first of `text`, as `%XX`. */
function percent(text: string): string {
  return `%${text.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function foldCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function numbered(value: number, digits: number): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new VecportError('invalid-argument', `${value} cannot be the number of a slice or part.`);
  }
  return String(value).padStart(digits, '0');
}

function hasForbidden(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i);
    if (unit < 0x20 || unit === 0x5c || unit === 0x7f) return true;
  }
  return false;
}
