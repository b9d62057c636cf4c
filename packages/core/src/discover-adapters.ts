import { resolve } from 'node:path';
import { type AdapterDefinition, VecportError } from '@vecport/abstractions';
import { z } from 'zod';
import { type InstalledPackage, importPackage, installedDependency, nearestPackage } from './adapter-package.js';
import { messageOf } from './foreign-error.js';

/** An adapter package among the dependencies of an application. */
export interface DiscoveredAdapter {
  readonly name: string;
  readonly schemes: readonly string[];
  /** Environment variables it reads. */
  readonly env: readonly string[];
  readonly packageName: string;
  readonly packageVersion?: string | undefined;
  /** Why the package cannot be used, where that is known without importing it. */
  readonly problem?: VecportError | undefined;
  /**
   * Import the package, once.
   * @throws VecportError `not-supported` when it does not import or does not export what it declares.
   */
  load(): Promise<AdapterDefinition>;
}

const declaration = z.object({
  adapter: z.string().min(1),
  schemes: z.array(z.string().min(1)),
  env: z.array(z.string().min(1)).default([]),
});

/**
 * The adapters among the dependencies of the nearest package at or above `root`: those whose
 * `package.json` says `"vecport": { "adapter": …, "schemes": […], "env": […] }`, in the order of
 * `dependencies`, `optionalDependencies`, `devDependencies`. Nothing is imported. What is not
 * installed is left out; a broken package is listed with its problem.
 */
export async function discoverAdapters(root: string): Promise<readonly DiscoveredAdapter[]> {
  const application = await nearestPackage(resolve(root));
  if (application === undefined) return [];
  const names = dependencyNames(application);
  const found = await Promise.all(names.map(async (name) => discover(application.folder, name)));
  return found.filter((adapter) => adapter !== undefined);
}

async function discover(folder: string, packageName: string): Promise<DiscoveredAdapter | undefined> {
  let installed: InstalledPackage | undefined;
  try {
    installed = await installedDependency(folder, packageName);
  } catch (cause) {
    return broken(packageName, messageOf(cause), cause);
  }
  if (installed?.json.vecport === undefined) return undefined;
  const parsed = declaration.safeParse(installed.json.vecport);
  if (!parsed.success) {
    const problem = `The field "vecport" of its package.json is not valid: ${z.prettifyError(parsed.error)}`;
    return broken(packageName, problem, undefined);
  }
  const { adapter, schemes, env } = parsed.data;
  const { version } = installed.json;
  return {
    name: adapter,
    schemes: schemes.map((scheme) => scheme.toLowerCase()),
    env,
    packageName,
    packageVersion: typeof version === 'string' ? version : undefined,
    load: once(async () => loadAdapter(installed, packageName, adapter)),
  };
}

async function loadAdapter(installed: InstalledPackage, packageName: string, name: string): Promise<AdapterDefinition> {
  let exported: unknown;
  try {
    exported = (await importPackage(installed))['adapter'];
  } catch (cause) {
    throw unusable(packageName, `It cannot be imported: ${messageOf(cause)}`, cause);
  }
  if (!isAdapterDefinition(exported)) throw unusable(packageName, "It does not export an adapter as 'adapter'.");
  if (exported.name !== name) throw unusable(packageName, `It declares '${name}' and exports '${exported.name}'.`);
  return exported;
}

function broken(packageName: string, text: string, cause: unknown): DiscoveredAdapter {
  const problem = unusable(packageName, text, cause);
  return {
    name: packageName,
    schemes: [],
    env: [],
    packageName,
    problem,
    load: async () => {
      throw problem;
    },
  };
}

function unusable(packageName: string, text: string, cause?: unknown): VecportError {
  return new VecportError('not-supported', `The package ${packageName} cannot be used as an adapter. ${text}`, {
    cause,
  });
}

function isAdapterDefinition(value: unknown): value is AdapterDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { name, version, schemes, settings, parseUrl, open } = value as Partial<
    Record<keyof AdapterDefinition, unknown>
  >;
  return (
    typeof name === 'string' &&
    typeof version === 'string' &&
    Array.isArray(schemes) &&
    Array.isArray(settings) &&
    typeof parseUrl === 'function' &&
    typeof open === 'function'
  );
}

function dependencyNames({ json }: InstalledPackage): readonly string[] {
  const lists = [json.dependencies, json.optionalDependencies, json.devDependencies];
  return [...new Set(lists.flatMap((list) => (typeof list === 'object' && list !== null ? Object.keys(list) : [])))];
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => {
    made ??= make();
    return made;
  };
}
