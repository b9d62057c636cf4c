import { fileURLToPath } from 'node:url';
import { type ChildExit, type NodeChild, spawnNode } from '@vecport/testkit';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const LOADER = new URL('load-source.ts', import.meta.url).href;

/** Options for node that let it run the TypeScript source of the workspace. */
const SOURCE_ARGS = ['--conditions=@vecport/source', '--disable-warning=ExperimentalWarning', '--import', LOADER] as const;

/** How the program is started. */
export interface VecportOptions {
  readonly cwd: string;
  /** Added to an environment without settings for Vecport. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Options for node itself. */
  readonly nodeArgs?: readonly string[] | undefined;
}

/** Start the real program from its source, in a process of its own. */
export function startVecport(args: readonly string[], options: VecportOptions): NodeChild {
  return startScript(MAIN, args, options);
}

/** Start a script in TypeScript that may import the source of the workspace. */
export function startScript(script: string, args: readonly string[], { cwd, env, nodeArgs = [] }: VecportOptions): NodeChild {
  return spawnNode(script, args, { cwd, env: { PATH: process.env['PATH'], ...env }, nodeArgs: [...SOURCE_ARGS, ...nodeArgs] });
}

/** Run the real program to its end. */
export async function vecport(args: readonly string[], options: VecportOptions): Promise<ChildExit> {
  return startVecport(args, options).exit;
}

/** The command line of the program, to be run by something else. */
export function vecportCommand(args: readonly string[]): readonly string[] {
  return [process.execPath, ...SOURCE_ARGS, MAIN, ...args];
}
