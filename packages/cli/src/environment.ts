import type { Terminal } from './terminal.js';

/** A `.env` file that was read. */
interface EnvironmentFile {
  /** Relative to the working directory. */
  readonly file: string;
  /** Names of the variables that are taken from it, in its order. */
  readonly variables: readonly string[];
}

/** Variables of the process, and of the `.env` files in the working directory and three folders above it. */
export interface Environment {
  /** By name. Those of the process win, and of the files the nearest one; one that is set to nothing counts as not set. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The files that give at least one of the variables. */
  readonly files: readonly EnvironmentFile[];
  /** Where a variable comes from, to be told: `R2_BUCKET` or `R2_BUCKET in ../.env`. */
  nameOf(variable: string): string;
}

/** Reads the environment at the first call, and never again. @throws VecportError `storage` for a file that cannot be read. */
export function environmentOf({ env, cwd }: Pick<Terminal, 'env' | 'cwd'>): () => Promise<Environment> {
  let read: Promise<Environment> | undefined;
  return async () => {
    read ??= readEnvironment(env, cwd);
    return read;
  };
}

async function readEnvironment(env: Terminal['env'], cwd: string): Promise<Environment> {
  const { readEnvFiles } = await import('@vecport/core/without-container');
  const own = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  const set = new Set(own.map(([name]) => name));
  const added = [...(await readEnvFiles(cwd))].filter(([name, { value }]) => value !== '' && !set.has(name));
  const fileOf = new Map(added.map(([name, { file }]) => [name, file]));
  const byFile = Map.groupBy(fileOf.keys(), (name) => fileOf.get(name) ?? '');
  return {
    variables: Object.fromEntries([...added.map(([name, { value }]) => [name, value] as const), ...own]),
    files: Array.from(byFile, ([file, variables]) => ({ file, variables })),
    nameOf: (variable) => {
      const file = fileOf.get(variable);
      return file === undefined ? variable : `${variable} in ${file}`;
    },
  };
}
