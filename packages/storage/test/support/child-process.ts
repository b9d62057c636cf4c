import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach } from '@jest/globals';

const running = new Set<Child>();

afterEach(async () => {
  await Promise.all([...running].map(async (child) => child.kill()));
  running.clear();
});

/** A second process that runs one action of `child-actions.ts`. */
export interface Child {
  readonly pid: number;
  /** The next line it prints, parsed from JSON. */
  next(): Promise<unknown>;
  /** End it with SIGKILL and wait until it is gone. */
  kill(): Promise<void>;
  /** Wait for its end by itself. Throws, with what it wrote to stderr, unless it exited with 0. */
  ended(): Promise<void>;
}

/** Node runs the TypeScript source as it is; the hook finds `x.ts` where the source imports `x.js`. */
const HOOK = `
import { registerHooks } from 'node:module';
registerHooks({ resolve(specifier, context, next) {
  try { return next(specifier, context); } catch (error) {
    if (!/^\\..*\\.js$/.test(specifier)) throw error;
    return next(specifier.slice(0, -3) + '.ts', context);
  }
} });`;

const ACTIONS = fileURLToPath(new URL('./child-actions.ts', import.meta.url));

/** The command line of a child, to be wrapped into another command. */
export function childCommand(action: string, ...args: string[]): string[] {
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`;
  const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@vecport/source', '--import', hook];
  return [process.execPath, ...flags, ACTIONS, action, ...args];
}

/** Start a command made with {@link childCommand}; it is killed after the test if it still runs. */
export function startChild(
  [program = '', ...args]: string[],
  environment: Readonly<Record<string, string>> = {},
): Child {
  const env = { ...process.env, ...environment };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} did not start.`);
  const exit = once(child, 'exit');
  const stderr = text(child.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const started: Child = {
    pid,
    async next() {
      const line = await lines.next();
      if (line.done === true) throw new Error(`The child ended without a word. ${await stderr}`);
      return JSON.parse(line.value) as unknown;
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
    async ended() {
      const [code] = (await exit) as [number | null];
      if (code !== 0) throw new Error(`The child ended with ${code}. ${await stderr}`);
    },
  };
  running.add(started);
  return started;
}
