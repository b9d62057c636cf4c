import { join } from 'node:path';
import { lancedb } from '@vecport/adapter-lancedb';
import type { HostOptions } from '@vecport/core';
import { tempFolder } from '@vecport/testkit';
import { pino } from 'pino';
import { type Application, startApplication } from '../../src/application.js';
import type { AppSettings } from '../../src/settings.js';

/** What a test changes about the application. */
export interface TestApplicationOptions {
  /** A new temporary folder if not said. */
  readonly dataFolder?: string | undefined;
  readonly settings?: Partial<AppSettings> | undefined;
  readonly host?: HostOptions | undefined;
  /** Any free one if not said. */
  readonly port?: number | undefined;
}

/** The whole application on a free port, silent, with LanceDB and its data in a temporary folder. */
export async function startTestApplication(options: TestApplicationOptions = {}): Promise<Application> {
  const dataFolder = options.dataFolder ?? (await tempFolder());
  const settings: AppSettings = {
    dataFolder,
    store: 'lancedb',
    collection: 'emoji',
    embeddingModel: undefined,
    embeddingService: undefined,
    host: '127.0.0.1',
    publicHosts: [],
    adminPassword: undefined,
    embeddingCache: undefined,
    cluster: undefined,
    exportsFolder: join(dataFolder, 'exports'),
    logLevel: 'silent',
    ...options.settings,
  };
  return startApplication({
    settings,
    logger: pino({ level: 'silent' }),
    listen: { port: options.port ?? 0, attempts: 1 },
    host: {
      discover: false,
      env: {},
      envFile: false,
      modules: [lancedb({ path: join(dataFolder, 'vectors') })],
      ...options.host,
    },
  });
}
