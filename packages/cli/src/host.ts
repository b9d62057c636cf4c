import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ComposedHost } from '@vecport/core';
import type { CommandContext } from './command-context.js';

/**
 * Do something with a host composed of all adapters that are installed: for the application in the
 * working directory, with this package, or beside it. The host is closed at the end.
 */
export async function withHost<T>(context: CommandContext, work: (host: ComposedHost) => Promise<T>): Promise<T> {
  const { composeHost } = await import('@vecport/core/without-container');
  const { cwd, env } = context.terminal;
  // Read here as well, so that it is told which files are read.
  await context.environment();
  const host = composeHost({
    root: cwd,
    adapterRoots: adapterRoots(fileURLToPath(new URL('..', import.meta.url))),
    env,
  });
  try {
    return await work(host);
  } finally {
    await host.close();
  }
}

/** The folder of this package, and the one above the `node_modules` it is installed in. */
export function adapterRoots(packageFolder: string): readonly string[] {
  const at = packageFolder.lastIndexOf(`${sep}node_modules${sep}`);
  return at < 0 ? [packageFolder] : [packageFolder, packageFolder.slice(0, at + 1)];
}
