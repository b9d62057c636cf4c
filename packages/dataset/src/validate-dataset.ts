import { stringifyJson } from '@vecport/abstractions';
import { canonicalJson } from './canonical-json.js';
import { createDigest, isSameDigest, sumDigests } from './digest.js';
import { readText } from './files.js';
import { createDuplicateFinder, type Duplicate } from './find-duplicates.js';
import { validateForeign } from './layouts/foreign/validate-foreign.js';
import type { ContentDigest, ManifestCollection, PartEntry } from './manifest.js';
import type { Dataset } from './open-dataset.js';
import { COLLECTIONS_FOLDER, isDataPath, MANIFEST_PATH, schemaPath } from './paths.js';
import { withVecportErrors } from './storage-errors.js';
import { dataPaths, tombstoneParts } from './tombstones.js';
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
  if (dataset.foreign !== undefined) return validateForeign(dataset, options);
  if (dataset.layers !== undefined) return validateChain(dataset, dataset.layers, options);
  const checks: CollectionCheck[] = [];
  for (const collection of dataset.manifest.collections)
    checks.push(await checkCollection(dataset, collection, options));
  const problems = [...checks.flatMap((check) => check.problems), ...(await extraParts(dataset, options))];
  const digest = sumDigests(checks.flatMap(({ digests }) => digests));
  const bytes = checks.reduce((sum, check) => sum + check.bytes, 0);
  return { ok: problems.length === 0, problems, rows: digest.count, bytes, digest };
}

/** Every layer by itself, and then that all together are the points the last manifest vouches for. */
async function validateChain(
  dataset: Dataset,
  layers: readonly Dataset[],
  options: ValidationOptions,
): Promise<ValidationReport> {
  const reports: ValidationReport[] = [];
  for (const layer of layers) reports.push(await validateDataset(layer, options));
  const problems = reports.flatMap(({ problems: own }) => own);
  const digests: ContentDigest[] = [];
  if (problems.length === 0) {
    for (const collection of dataset.manifest.collections) {
      const check = await checkVisible(dataset, collection, options);
      problems.push(...check.problems);
      digests.push(...check.digests);
    }
  }
  const digest = sumDigests(digests);
  const bytes = reports.reduce((sum, report) => sum + report.bytes, 0);
  return { ok: problems.length === 0, problems, rows: digest.count, bytes, digest };
}

async function checkVisible(
  dataset: Dataset,
  collection: ManifestCollection,
  { signal }: ValidationOptions,
): Promise<Pick<CollectionCheck, 'problems' | 'digests'>> {
  const problems: DatasetProblem[] = [];
  const digests: ContentDigest[] = [];
  const { name } = collection;
  for (const unit of collection.tenants ?? [collection]) {
    const tenant = unit === collection ? undefined : unit.name;
    const digest = createDigest();
    for await (const batch of dataset.read(collection, { tenant, signal })) digest.add(batch);
    const found = digest.value();
    digests.push(found);
    if (isSameDigest(found, unit.digest)) continue;
    const which = tenant === undefined ? `'${name}'` : `the tenant '${tenant}' of '${name}'`;
    const message = `The increments do not give what the last of them vouches for: ${which} has ${found.count} points of ${unit.digest.count}, or others.`;
    problems.push({ code: 'wrong-total', path: MANIFEST_PATH, message });
  }
  return { problems, digests };
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
  for (const part of tombstoneParts(collection)) {
    const description = { ...collection.description, vectors: {}, idKinds: ['string' as const] };
    problems.push(...(await validatePart(storage, part, { description, signal, onBatch: () => {} })).problems);
  }
  const twice = await duplicates.find(storage, readable, signal);
  return { problems: [...problems, ...duplicateProblem(collection, twice)], digests, bytes };
}

function checkTotals(collection: ManifestCollection): readonly DatasetProblem[] {
  const { name, counts, digest, parts, tenants } = collection;
  const problems: DatasetProblem[] = [];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const report = (what: string): void => {
    problems.push({ code: 'wrong-total', path: MANIFEST_PATH, message: `The manifest contradicts itself: ${what}.` });
  };
  if (counts.exported !== rows) report(`'${name}' has ${counts.exported} points, its parts ${rows} rows`);
  if (!isSameDigest(digest, sumDigests(parts.map((part) => part.digest))))
    report(`the digest of '${name}' is not the sum of its parts'`);
  checkIncrements(collection).forEach(report);
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

/** What an increment says of itself and does not hold, each the end of a sentence. */
function checkIncrements(collection: ManifestCollection): readonly string[] {
  const units = [collection, ...(collection.tenants ?? [])];
  return units.flatMap((unit) => {
    const { name, counts, increment } = unit;
    if (increment === undefined) return [];
    const divided = unit === collection && collection.tenants !== undefined;
    const { changed, added, deleted, tombstones, whole } = increment;
    const problems: string[] = [];
    if (changed + added !== counts.exported)
      problems.push(`'${name}' has ${changed} changed and ${added} new points, and exported ${counts.exported}`);
    const gone = tombstones?.rows ?? 0;
    if (gone !== deleted && !divided)
      problems.push(`'${name}' has ${deleted} points that are gone, and the ids of ${gone}`);
    if (whole.count < changed + added) problems.push(`'${name}' has fewer points than it changed`);
    return problems;
  });
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
  const named = new Set(dataPaths(manifest));
  const problems: DatasetProblem[] = [];
  const native = manifest.layout === 'native';
  const prefix = native ? `${COLLECTIONS_FOLDER}/` : '';
  for await (const { path } of withVecportErrors(storage).list(prefix, { signal })) {
    const isData = isDataPath(path) || (!native && path.endsWith('.parquet'));
    if (!isData || named.has(path)) continue;
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
