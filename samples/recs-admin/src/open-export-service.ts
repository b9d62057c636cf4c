import { join } from 'node:path';
import { isVecportError } from '@vecport/abstractions';
import type { StoreCatalog } from '@vecport/core';
import { createExportService, filesystemBackend, openState, type ServiceState } from '@vecport/export-service';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { problem } from './http/problem.js';
import { sendProblem } from './http/send.js';
import type { AppSettings } from './settings.js';

/** The REST service of exports, mounted. */
interface MountedService {
  readonly router: RequestHandler;
  /** Stop its jobs where a later start goes on with them. */
  close(): Promise<void>;
}

/**
 * The REST service of exports, for the application's own store and the folder of its exports. One application at a time
 * has it: where another one uses the same data folder, its requests are answered with 503.
 */
export function openExportService(
  catalog: StoreCatalog,
  { dataFolder, exportsFolder }: AppSettings,
  logger: Logger,
): MountedService {
  let state: ServiceState;
  try {
    state = openState(join(dataFolder, 'service'));
  } catch (error) {
    if (!isVecportError(error) || error.code !== 'conflict') throw error;
    const { message } = error;
    return {
      router: (request, response) => sendProblem(request, response, problem(503, message)),
      close: async () => {},
    };
  }
  const service = createExportService({
    stores: { names: ['default'], defaultName: 'default', open: async (_name, call) => catalog.open(undefined, call) },
    backends: [filesystemBackend({ root: exportsFolder })],
    state,
    logger,
  });
  return {
    router: service.router,
    close: async () => {
      await service.close();
      state.close();
    },
  };
}
