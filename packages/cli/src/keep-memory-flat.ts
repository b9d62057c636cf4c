import { setFlagsFromString } from 'node:v8';

const THRESHOLD = 'MALLOC_MMAP_THRESHOLD_';
/**
 * Settings of glibc, in bytes but for the last. A page of a file and what compressing it takes are under the threshold: memory
 * that the kernel has to clear anew each time costs as much as compressing does.
 */
const MEMORY: Readonly<Record<string, string>> = {
  [THRESHOLD]: String(2 ** 21),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 23),
  MALLOC_ARENA_MAX: '2',
};
/**
 * Of V8: it does not look through all objects before there are so many MB of them, of which the command itself is half; and
 * it looks in the thread they are of. Four helpers for a MB of objects cost more than they save, by an eighth of an export.
 */
const V8_OPTIONS = ['--initial-old-space-size=64', '--single-threaded-gc'];

/**
 * Settings of the process that keep its memory from growing in a long run; neither changes what
 * it does. V8 would let the space of short-lived objects grow by some 100 MB. On Linux, glibc would
 * move buffers of any size into its heaps, where they leave holes, once some were freed, and have a heap for each thread; it
 * reads this at the start only, so the program is executed anew, in the same process, with room for as many objects as it always has. An
 * environment that sets it wins.
 */
export function keepMemoryFlat(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  if (process.platform !== 'linux' || process.env[THRESHOLD] !== undefined) return;
  const args = [process.execPath, ...V8_OPTIONS, ...process.execArgv, ...process.argv.slice(1)];
  process.execve?.(process.execPath, args, { ...process.env, ...MEMORY });
}
