import { stringifyJson } from '@vecport/abstractions';
import { canonicalJson } from './canonical-json.js';
import { isSameDigest, sumDigests } from './digest.js';
import { readText } from './files.js';
import { createDuplicateFinder, type Duplicate } from './find-duplicates.js';
import type { ContentDigest, ManifestCollection, PartEntry } from './manifest.js';
import type { Dataset } from './open-dataset.js';
import { COLLECTIONS_FOLDER, isPartPath, MANIFEST_PATH, schemaPath } from './paths.js';
import { withVecportErrors } from './storage-errors.js';
import { validatePart } from './validate-part.js';
import type { DatasetProblem, ValidationOptions, ValidationReport } from './validation-report.js';

/**
 * Read a whole dataset and check every claim of its manifest: each part's presence, size, checksum,
 * rows, vectors and digest, that no id is there twice, the totals of each collection, its
 * description, and that there are no parts that the manifest does not name. Nothing is written.
 *
 * Damage is in the report, not thrown; a storage that fails is thrown, and so is an abort reason.
 * Memory: the largest row group and about 16 bytes a point.
 */
export async function validateDataset(dataset: Dataset, options: ValidationOptions = {}): Promise<ValidationReport> {
  options.signal?.throwIfAborted();
  const checks: CollectionCheck[] = [];
  for (const collection of dataset.manifest.collections)
    checks.push(await checkCollection(dataset, collection, options));
  const problems = [...checks.flatMap((check) => check.problems), ...(await extraParts(dataset, options))];
  const digest = sumDigests(checks.flatMap(({ digests }) => digests));
  const bytes = checks.reduce((sum, check) => sum + check.bytes, 0);
  return { ok: problems.length === 0, problems, rows: digest.count, bytes, digest };
}

interface CollectionCheck {
  readonly problems: readonly DatasetProblem[];
  readonly digests: readonly ContentDigest[];
  /** Of the parts that could be read. */
  readonly bytes: number;
}

async function checkCollection(
  dataset: Dataset,
  collection: ManifestCollection,
  options: ValidationOptions,
): Promise<CollectionCheck> {
  const { signal, onProgress } = options;
  const { storage } = dataset;
  const problems = [...(await checkDescription(dataset, collection, options)), ...checkTotals(collection)];
  const duplicates = createDuplicateFinder();
  const digests: ContentDigest[] = [];
  const readable: PartEntry[] = [];
  const total = collection.parts.reduce((sum, part) => sum + part.rows, 0);
  let rows = 0;
  let bytes = 0;
  for (const part of collection.parts) {
    const check = await validatePart(storage, part, {
      description: collection.description,
      signal,
      onBatch: (batch) => {
        duplicates.add(part, batch);
        rows += batch.ids.length;
        onProgress?.({ collection: collection.name, path: part.path, rows, total, bytes });
      },
    });
    problems.push(...check.problems);
    if (check.digest === undefined) continue;
    digests.push(check.digest);
    readable.push(part);
    bytes += part.bytes;
  }
  const twice = await duplicates.find(storage, readable, signal);
  return { problems: [...problems, ...duplicateProblem(collection, twice)], digests, bytes };
}

function checkTotals({ name, counts, digest, parts, tenants }: ManifestCollection): readonly DatasetProblem[] {
  const problems: DatasetProblem[] = [];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const report = (what: string): void => {
    problems.push({ code: 'wrong-total', path: MANIFEST_PATH, message: `The manifest contradicts itself: ${what}.` });
  };
  if (counts.exported !== rows) report(`'${name}' has ${counts.exported} points, its parts ${rows} rows`);
  if (!isSameDigest(digest, sumDigests(parts.map((part) => part.digest))))
    report(`the digest of '${name}' is not the sum of its parts'`);
  const known = new Set(tenants?.map((tenant) => tenant.name) ?? [undefined]);
  const stranger = parts.find(({ tenant }) => !known.has(tenant));
  if (stranger !== undefined) report(`the part ${stranger.path} belongs to no tenant of '${name}' that it names`);
  for (const tenant of tenants ?? []) {
    const own = parts.filter((part) => part.tenant === tenant.name);
    const digests = sumDigests(own.map((part) => part.digest));
    if (
      tenant.counts.exported !== own.reduce((sum, part) => sum + part.rows, 0) ||
      !isSameDigest(tenant.digest, digests)
    )
      report(`the tenant '${tenant.name}' of '${name}' is not what its parts are`);
  }
  return problems;
}

async function checkDescription(
  { storage }: Dataset,
  { path: folder, description }: ManifestCollection,
  { signal }: ValidationOptions,
): Promise<readonly DatasetProblem[]> {
  const path = schemaPath(folder);
  const text = await readText(storage, path, { signal });
  if (text !== undefined && isSameJson(text, stringifyJson(description))) return [];
  const what = text === undefined ? 'is missing' : 'does not say what the manifest says';
  return [{ code: 'wrong-description', path, message: `The description ${path} ${what}.` }];
}

async function extraParts(
  { storage, manifest }: Dataset,
  { signal }: ValidationOptions,
): Promise<readonly DatasetProblem[]> {
  const named = new Set(manifest.collections.flatMap(({ parts }) => parts.map(({ path }) => path)));
  const problems: DatasetProblem[] = [];
  for await (const { path } of withVecportErrors(storage).list(`${COLLECTIONS_FOLDER}/`, { signal })) {
    if (!isPartPath(path) || named.has(path)) continue;
    problems.push({
      code: 'extra-part',
      path,
      message: `The part ${path} is not in the manifest: it belongs to another export.`,
    });
  }
  return problems;
}

function duplicateProblem(collection: ManifestCollection, twice: readonly Duplicate[]): readonly DatasetProblem[] {
  const [first] = twice;
  if (first === undefined) return [];
  const places = first.paths.join(' and ');
  const message = `${twice.length} ids of '${collection.name}' are there more than once, for example '${first.id}' in ${places}.`;
  return [{ code: 'duplicate-id', path: first.paths[1] ?? collection.path, message }];
}

function isSameJson(a: string, b: string): boolean {
  try {
    return Buffer.compare(canonicalJson(Buffer.from(a)), canonicalJson(Buffer.from(b))) === 0;
  } catch {
    return false;
  }
}
