import { type DiscoveredAdapter, discoverAdapters } from './discover-adapters.js';
import { readEnvFiles } from './env-files.js';
import type { VecportModuleOptions } from './host-options.js';
import { type EnvFileVariables, type ResolvedSetting, readVariable } from './resolve-settings.js';

/** What an application finds outside its code. Read at the first need, once. */
export interface Configuration {
  readonly env: Readonly<Record<string, string | undefined>>;
  envFile(): Promise<EnvFileVariables>;
  discovered(): Promise<readonly DiscoveredAdapter[]>;
  /** A variable of the environment, or else of the `.env` files. */
  variable(name: string): Promise<ResolvedSetting | undefined>;
}

/** The configuration of the application in `options.root`. */
export function createConfiguration(options: VecportModuleOptions): Configuration {
  const { root = process.cwd(), adapterRoots = [], env = process.env, envFile = true, discover = true } = options;
  const variables = memoized(async () => (envFile ? readEnvFiles(root) : new Map<string, never>()));
  return {
    env,
    envFile: variables,
    discovered: memoized(async () => (discover ? discoverIn([root, ...adapterRoots]) : [])),
    variable: async (name) => readVariable(name, { env, envFile: await variables() }),
  };
}

async function discoverIn(folders: readonly string[]): Promise<readonly DiscoveredAdapter[]> {
  return (await Promise.all(folders.map(async (folder) => discoverAdapters(folder)))).flat();
}

/** The same promise for every call; a failure is not kept. */
export function memoized<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
