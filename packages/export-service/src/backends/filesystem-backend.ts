import { join, resolve } from 'node:path';
import { localStorage } from '@vecport/storage';
import type { Backend } from './backend.js';

/** Datasets in folders below `root`, which is made at first use. A link that leads out of it is refused. */
export function filesystemBackend({ root }: { readonly root: string }): Backend {
  const top = resolve(root);
  return {
    name: 'filesystem',
    hidden: [top],
    url: (_bucket, folder) => join(top, folder),
    open: async (_bucket, folder) => localStorage(top).within(folder),
  };
}
