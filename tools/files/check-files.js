import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { rows } from '@vecport/abstractions';
import { lancedb } from '@vecport/adapter-lancedb';
import { createHost } from '@vecport/core';
import { encodingOf, openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { GOLDEN_DIMENSION, goldenPoints } from '@vecport/testkit';
import { exportDataset, importDataset } from '@vecport/transfer';
import { checkLayouts } from './check-layouts.js';
import { checkOtherReaders } from './other-readers.js';

/*
 * Exports the sample catalogue and the golden corpus from LanceDB and has pyarrow, DuckDB, Polars, hyparquet, parquet-wasm and
 * parquet-mr read the files, of NDJSON DuckDB, Polars and Python itself:
 * rows, ids, floats and metadata must be what the source gives, bit by bit. Needs Python 3.10 or newer.
 */
const here = import.meta.dirname;
const work = mkdtempSync(join(tmpdir(), 'vecport-files-'));
const host = await createHost({
  discover: false,
  envFile: false,
  env: {},
  modules: [lancedb({ path: join(work, 'db') })],
});

try {
  const python = pythonWith(join(here, 'requirements.txt'));
  const store = await host.catalog.open('lancedb');
  await importDataset({
    dataset: await openDataset(localStorage(join(here, '../../samples/recs-admin/data/emoji'))),
    target: store,
    mode: 'create',
  });
  await createGolden(store);
  for (const { name } of await store.collections()) await check(await store.repository(name), python);
} finally {
  await host.close();
  rmSync(work, { recursive: true, force: true });
}

async function createGolden(store) {
  const vector = { kind: 'dense', dimension: GOLDEN_DIMENSION, elementType: 'float32', metric: 'euclidean' };
  await store.create({ name: 'golden', vectors: { default: vector }, idKinds: ['string'], fields: [] });
  const report = await (await store.repository('golden')).upsertMany(goldenPoints());
  if (report.failed.length > 0) throw new Error(`golden points refused: ${JSON.stringify(report.failed)}`);
}

/** Several exports of the same collection, so that every encoding and a border between parts is seen. */
async function check(repository, python) {
  const expected = join(work, `${repository.collection}.ndjson`);
  const count = await writeExpected(repository, expected);
  for (const [name, options] of Object.entries({
    split: {},
    plain: { encoding: encodingOf(undefined, { compression: 'none', vectors: 'plain' }) },
    parts: { partRows: Math.ceil(count / 3) },
    small: { encoding: encodingOf('parquet-small', { compression: 'zstd:9', rowGroupRows: 100 }) },
    gzip: { encoding: encodingOf(undefined, { compression: 'gzip' }) },
    snappy: { encoding: encodingOf(undefined, { compression: 'snappy', vectors: 'plain' }) },
    'ndjson-gz': { encoding: encodingOf('ndjson-gz'), partRows: Math.ceil(count / 3) },
    'ndjson-zst': { encoding: encodingOf('ndjson-zst') },
    ndjson: { encoding: encodingOf('ndjson-zst', { compression: 'none' }) },
  })) {
    const folder = join(work, `${repository.collection}-${name}`);
    await exportDataset({
      id: name,
      tool: { name: 'check-files', version: '0' },
      source: { provider: repository.provider },
      repositories: [repository],
      storage: localStorage(folder),
      ...options,
    });
    console.log(`# ${repository.collection}, ${name}`);
    const script = name.startsWith('ndjson') ? 'compare-lines.py' : 'compare.py';
    if (spawnSync(python, [join(here, script), folder, expected], { stdio: 'inherit' }).status !== 0)
      process.exitCode = 1;
    if (!name.startsWith('ndjson') && !(await checkOtherReaders(await partsOf(folder), expectedRows(expected))))
      process.exitCode = 1;
  }
  if (repository.collection !== 'emoji') return;
  if (!(await checkLayouts({ repository, expected, count, work, python }))) process.exitCode = 1;
}

async function partsOf(folder) {
  const { manifest } = await openDataset(localStorage(folder));
  return manifest.collections.flatMap(({ parts }) => parts.map(({ path }) => join(folder, path)));
}

function expectedRows(path) {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return new Map(lines.map((line) => JSON.parse(line)).map((row) => [row.id, row]));
}

/** What the source says of every point, by reading it in its own way: by id. */
async function writeExpected(repository, path) {
  const out = createWriteStream(path);
  const { vectors } = await repository.describe();
  let count = 0;
  for await (const { ids } of repository.exportAll()) {
    for (const row of rows(await repository.get(ids))) {
      const hex = Object.keys(vectors).map((name) => [name, hexOf(row.vector(name))]);
      out.write(
        `${JSON.stringify({ id: row.id, metadata: row.metadataText ?? null, vectors: Object.fromEntries(hex) })}\n`,
      );
      count++;
    }
  }
  out.end();
  await finished(out);
  return count;
}

function hexOf(vector) {
  return vector === undefined ? null : Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex');
}

/** A Python with the packages of a requirements file, kept in the cache folder under the file's hash. */
function pythonWith(requirements) {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const cache = process.env['VECPORT_CACHE'] ?? join(homedir(), '.cache', 'vecport');
  const folder = join(cache, `python-${hash}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'complete'))) return python;
  rmSync(folder, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements], {
    stdio: 'inherit',
  });
  execFileSync(python, ['-c', `open(${JSON.stringify(join(folder, 'complete'))}, "w")`]);
  return python;
}
