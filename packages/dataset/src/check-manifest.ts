import { type ErrorCode, VecportError } from '@vecport/abstractions';
import type { ZodError } from 'zod';
import type { Layout } from './layouts/layout.js';
import { FORMAT_VERSION, type Manifest, type ManifestCollection, manifestSchema } from './manifest.js';
import { PART_FORMATS } from './part-encoding.js';
import { assertInside, assertLayoutPath, COLLECTIONS_FOLDER, isPartPath } from './paths.js';

const SHOWN_ISSUES = 5;

/**
 * A value as a manifest that keeps to the format: its shape, and paths that lie where they belong and
 * are all different, also where case does not count. Counts and checksums are not compared here.
 * @throws VecportError `code`, naming each place that is wrong; `not-supported` for a newer format.
 */
export function checkManifest(value: unknown, code: ErrorCode = 'corrupt-data'): Manifest {
  assertVersion(value);
  assertFormat(value);
  const result = manifestSchema.safeParse(value);
  if (!result.success)
    throw new VecportError(code, `The manifest does not keep to the format: ${inWords(result.error)}.`);
  const manifest = result.data;
  assertDifferent(
    manifest.collections.map(({ name }) => name),
    'collection',
    code,
  );
  assertDifferent(
    manifest.collections.map(({ path }) => path.toLowerCase()),
    'folder',
    code,
  );
  for (const collection of manifest.collections) assertPaths(collection, manifest.layout);
  assertDifferent(
    manifest.collections.flatMap(({ parts }) => parts.map(({ path }) => path.toLowerCase())),
    'part',
    code,
  );
  return manifest;
}

function assertVersion(value: unknown): void {
  const version =
    typeof value === 'object' && value !== null && 'formatVersion' in value ? value.formatVersion : undefined;
  if (typeof version !== 'number' || version <= FORMAT_VERSION) return;
  throw new VecportError(
    'not-supported',
    `The dataset has format version ${version}; this version of Vecport reads up to ${FORMAT_VERSION}.`,
    { advice: 'Use a newer Vecport.' },
  );
}

/** A format of parts that is not known is a newer one, as {@link FORMAT_VERSION} does not count them. */
function assertFormat(value: unknown): void {
  const encoding = memberOf(value, 'encoding');
  const format = memberOf(encoding, 'format');
  if (typeof format !== 'string' || PART_FORMATS.some((known) => known === format)) return;
  throw new VecportError(
    'not-supported',
    `The parts of the dataset are in the format ${JSON.stringify(format.slice(0, 100))}; this version of Vecport reads ${PART_FORMATS.join(' and ')}.`,
    { advice: 'Use a newer Vecport.' },
  );
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function assertPaths({ path: folder, parts, increment, tenants = [] }: ManifestCollection, layout: Layout): void {
  assertInside(folder, COLLECTIONS_FOLDER);
  for (const own of [increment, ...tenants.map((tenant) => tenant.increment)])
    if (own?.tombstones !== undefined) assertInside(own.tombstones.path, folder);
  for (const { path } of parts) {
    if (layout !== 'native') {
      assertLayoutPath(path);
      continue;
    }
    assertInside(path, folder);
    if (isPartPath(path)) continue;
    throw new VecportError('corrupt-data', `The manifest names the part '${path}', which is not named as a part is.`);
  }
}

function assertDifferent(values: readonly string[], what: string, code: ErrorCode): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) throw new VecportError(code, `The manifest names the ${what} '${value}' twice.`);
    seen.add(value);
  }
}

function inWords({ issues }: ZodError): string {
  const shown = issues.slice(0, SHOWN_ISSUES).map(({ path, message }) => `${placeOf(path)}: ${message}`);
  const more = issues.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the whole';
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
