import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHost } from '@vecport/core';
import {
  backendsOf,
  createBackends,
  createInProcessRunner,
  IMPORTS_FOLDER,
  type JobProcess,
  runJobProcess,
} from '@vecport/export-service';
import { adapterRoots } from '../host.js';
import { keepMemoryFlat } from '../keep-memory-flat.js';
import { exportDispatch } from './serve-cluster.js';
import { type ServeJobSetup, storesOf } from './serve-parts.js';

/* A process of its own for one job of `vecport serve`. */

keepMemoryFlat();
// Only `vecport serve` starts this, with such a setup.
await runJobProcess(async (setup) => openJob(setup as ServeJobSetup));

async function openJob({ cwd, folder, configuration, variables }: ServeJobSetup): Promise<JobProcess> {
  const host = await createHost({
    root: cwd,
    adapterRoots: adapterRoots(fileURLToPath(new URL('../..', import.meta.url))),
    envFile: false,
    env: variables,
  });
  const backends = createBackends(backendsOf(configuration, folder, variables));
  const runner = createInProcessRunner({
    stores: storesOf(host, configuration),
    backends,
    folder: join(folder, IMPORTS_FOLDER),
    dispatch: exportDispatch({ configuration, variables, backends }),
  });
  return { runner, close: async () => host.close() };
}
