import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const here = import.meta.dirname;
const PACKAGES = ['hyparquet@1.31.5', 'hyparquet-compressors@1.1.2', 'parquet-wasm@0.8.0', 'apache-arrow@18.1.0'];
const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/**
 * Reads the Parquet parts of a dataset with hyparquet, parquet-wasm and parquet-mr and compares ids, metadata and the bits of floats with
 * what the source holds. Packages and jars are of the versions named here and in parquet-mr/pom.xml and kept in the cache folder. Needs npm, and Java
 * from 17 on with Maven.
 * @param {readonly string[]} parts files, in the order of their rows.
 * @param {ReadonlyMap<string, { metadata: string | null, vectors: Record<string, string | null> }>} expected by id.
 * @returns {Promise<boolean>} whether everything was equal.
 */
export async function checkOtherReaders(parts, expected) {
  let ok = true;
  for (const [tool, read] of Object.entries({
    hyparquet: readHyparquet,
    'parquet-wasm': readWasm,
    'parquet-mr': readMr,
  })) {
    const found = new Map((await read(parts)).map((row) => [row.id, row]));
    const differing = [...expected].filter(([id, row]) => !isSame(found.get(id), row));
    const equal = found.size === expected.size && differing.length === 0;
    const example = differing.length === 0 ? '' : `, for example ${differing[0][0]}`;
    console.log(`${equal ? 'ok  ' : 'FAIL'} ${tool}: ${found.size} rows, ${differing.length} differ${example}`);
    ok = equal && ok;
  }
  return ok;
}

function isSame(found, { metadata, vectors }) {
  if (found === undefined || found.metadata !== metadata) return false;
  return Object.entries(vectors).every(
    ([name, hex]) => found[name === 'default' ? 'vector' : `vector_${name}`] === hex,
  );
}

async function readHyparquet(parts) {
  const { asyncBufferFromFile, parquetReadObjects } = await packaged('hyparquet');
  const { compressors } = await packaged('hyparquet-compressors');
  const rows = [];
  for (const part of parts) {
    const file = await asyncBufferFromFile(part);
    for (const row of await parquetReadObjects({ file, compressors })) rows.push(withHex(row, (value) => value));
  }
  return rows;
}

async function readWasm(parts) {
  const { tableFromIPC } = await packaged('apache-arrow');
  const wasm = createRequire(join(packageFolder(), 'package.json'))('parquet-wasm/node');
  return parts.flatMap((part) => {
    const table = tableFromIPC(wasm.readParquet(readFileSync(part)).intoIPCStream());
    return Array.from(table, (row) => withHex(row.toJSON(), (value) => value.toArray()));
  });
}

async function readMr(parts) {
  const classes = join(jarFolder(), '*');
  const output = execFileSync('java', ['-cp', classes, join(here, 'parquet-mr/ReadRows.java'), ...parts], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Lists of floats as hex; everything else as it is, and what is missing as null. */
function withHex(row, floatsOf) {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value === undefined || value === null || typeof value === 'string'
        ? (value ?? null)
        : Buffer.from(Float32Array.from(floatsOf(value)).buffer).toString('hex'),
    ]),
  );
}

async function packaged(name) {
  return import(pathToFileURL(createRequire(join(packageFolder(), 'package.json')).resolve(name)).href);
}

function packageFolder() {
  return cached(`npm-${hashOf(PACKAGES.join())}`, (folder) => {
    execFileSync('npm', ['install', '--silent', '--prefix', folder, ...PACKAGES], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
}

function jarFolder() {
  const pom = join(here, 'parquet-mr/pom.xml');
  return cached(`parquet-mr-${hashOf(readFileSync(pom))}`, (folder) => {
    execFileSync('mvn', ['-q', '-B', '-f', pom, COPY_JARS, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  });
}

/** A folder in the cache, which is there whole or not at all. */
function cached(name, fill) {
  const cache = process.env['VECPORT_CACHE'] ?? join(homedir(), '.cache', 'vecport');
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  console.log(`filling ${folder}`);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  fill(partial);
  renameSync(partial, folder);
  return folder;
}

function hashOf(content) {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
