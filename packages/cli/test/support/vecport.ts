import { fileURLToPath } from 'node:url';
import { type ChildExit, type NodeChild, spawnNode } from '@vecport/testkit';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const LOADER = new URL('load-source.ts', import.meta.url).href;

/** Options for node that let it run the TypeScript source of the workspace. */
const SOURCE_ARGS = [
  '--conditions=@vecport/source',
  '--disable-warning=ExperimentalWarning',
  '--import',
  LOADER,
] as const;

const children = new Set<NodeChild>();

/** How the program is started. */
export interface VecportOptions {
  readonly cwd: string;
  /** Added to an environment without settings for Vecport. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Start the real program from its source, in a process of its own. */
export function startVecport(args: readonly string[], options: VecportOptions): NodeChild {
  return startScript(MAIN, args, options);
}

/** Start a script in TypeScript that may import the source of the workspace. */
export function startScript(script: string, args: readonly string[], { cwd, env }: VecportOptions): NodeChild {
  const child = spawnNode(script, args, { cwd, env: { PATH: process.env['PATH'], ...env }, nodeArgs: SOURCE_ARGS });
  children.add(child);
  void child.exit.finally(() => children.delete(child));
  return child;
}

/** End what a failed test left running or stopped. */
export async function killLeftovers(): Promise<void> {
  for (const child of children) child.kill('SIGKILL');
  await Promise.allSettled([...children].map(async ({ exit }) => exit));
}

/** Run the real program to its end. */
export async function vecport(args: readonly string[], options: VecportOptions): Promise<ChildExit> {
  return startVecport(args, options).exit;
}

/** The command line of the program, to be run by something else. */
export function vecportCommand(args: readonly string[]): readonly string[] {
  return [process.execPath, ...SOURCE_ARGS, MAIN, ...args];
}
