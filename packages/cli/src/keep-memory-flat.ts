import { setFlagsFromString } from 'node:v8';

const THRESHOLD = 'MALLOC_MMAP_THRESHOLD_';
/** V8 does not look through all objects before there are so many MB of them; the command itself is half of that. */
const OLD_SPACE = '--initial-old-space-size=64';

/**
 * Settings of the process that keep its memory from growing in a long run; neither changes what
 * it does. V8 would let the space of short-lived objects grow by some 100 MB. On Linux, glibc would
 * move large buffers into its heap, where they leave holes, once some were freed; it reads this at the
 * start only, so the program is executed anew, in the same process, with room for as many objects as it always has. An
 * environment that sets it wins.
 */
export function keepMemoryFlat(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  if (process.platform !== 'linux' || process.env[THRESHOLD] !== undefined) return;
  const args = [process.execPath, OLD_SPACE, ...process.execArgv, ...process.argv.slice(1)];
  process.execve?.(process.execPath, args, { ...process.env, [THRESHOLD]: String(128 * 1024) });
}
