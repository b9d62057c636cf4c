import { readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { VecportError } from '@vecport/abstractions';
import { systemCode } from './foreign-error.js';

const NOT_THERE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);

/** A `package.json`, as far as discovery reads it. */
interface PackageJson {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly exports?: unknown;
  readonly main?: unknown;
  readonly vecport?: unknown;
  readonly dependencies?: unknown;
  readonly optionalDependencies?: unknown;
  readonly devDependencies?: unknown;
}

/** A package on disk. */
export interface InstalledPackage {
  /** Real path of its folder. */
  readonly folder: string;
  readonly json: PackageJson;
}

/**
 * The package in `folder`, or `undefined` where there is no `package.json`.
 * @throws VecportError `corrupt-data` when it is not a JSON object, `storage` when it cannot be read.
 */
async function readPackage(folder: string): Promise<InstalledPackage | undefined> {
  const path = join(folder, 'package.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (NOT_THERE.has(systemCode(cause))) return undefined;
    throw new VecportError('storage', `${path} cannot be read.`, { cause });
  }
  return { folder: await realpath(folder), json: parsePackage(text, path) };
}

/** The package at `folder` or the nearest one above it. */
export async function nearestPackage(folder: string): Promise<InstalledPackage | undefined> {
  const found = await readPackage(folder);
  return found ?? (dirname(folder) === folder ? undefined : nearestPackage(dirname(folder)));
}

/**
 * A dependency as Node would find it from `folder`: the nearest `node_modules` upwards that has it,
 * also when the package does not export its `package.json`. `undefined` when it is not installed.
 */
export async function installedDependency(folder: string, name: string): Promise<InstalledPackage | undefined> {
  const found = await readPackage(join(folder, 'node_modules', name));
  return found ?? (dirname(folder) === folder ? undefined : installedDependency(dirname(folder), name));
}

/**
 * Import an installed package: its entry `./adapter` where it exports one, which need not load what a container needs,
 * else its main entry.
 */
export async function importPackage({ folder, json }: InstalledPackage): Promise<Readonly<Record<string, unknown>>> {
  const place = isObject(json.exports) && ADAPTER_ENTRY in json.exports ? ADAPTER_ENTRY : '.';
  const entry =
    resolveByNode(folder, json, place) ?? join(folder, entryOf(json.exports, place) ?? stringOr(json.main, 'index.js'));
  return (await import(pathToFileURL(entry).href)) as Readonly<Record<string, unknown>>;
}

const ADAPTER_ENTRY = './adapter';

// A package may import itself by name; this honours the conditions Node was started with.
function resolveByNode(folder: string, { name }: PackageJson, place: string): string | undefined {
  try {
    if (typeof name !== 'string') return undefined;
    return createRequire(join(folder, 'package.json')).resolve(name + place.slice(1));
  } catch {
    return undefined;
  }
}

const IMPORT_CONDITIONS = ['node', 'import', 'module-sync', 'default'];

// Packages that are for `import` only cannot be resolved by `require.resolve`.
function entryOf(exports: unknown, place: string): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map((item) => entryOf(item, place)).find((entry) => entry !== undefined);
  if (!isObject(exports)) return undefined;
  if (place in exports) return entryOf(exports[place], place);
  const conditions = Object.entries(exports).filter(([condition]) => IMPORT_CONDITIONS.includes(condition));
  return conditions.map(([, target]) => entryOf(target, place)).find((entry) => entry !== undefined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stringOr(value: unknown, other: string): string {
  return typeof value === 'string' ? value : other;
}

function parsePackage(text: string, path: string): PackageJson {
  try {
    const json: unknown = JSON.parse(text);
    if (isObject(json)) return json;
  } catch (cause) {
    throw new VecportError('corrupt-data', `${path} is not valid JSON.`, { cause });
  }
  throw new VecportError('corrupt-data', `${path} is not a JSON object.`);
}
