import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { connect } from '@lancedb/lancedb';
import { exportAll } from '@vecport/abstractions';
import { lancedb } from '@vecport/adapter-lancedb';
import { createHost } from '@vecport/core';
import { MEMORY_TASKS } from './memory-tasks.js';
import { PARQUET_TASKS } from './parquet-tasks.js';
import { exportWork } from './providers/export-with-vecport.js';
import { report, type Work } from './report.js';
import { STRATEGY_TASKS } from './strategy-tasks.js';

/*
 * The process that is measured: `task.js NAME ARGUMENT` does one thing and prints a Sample as JSON. Opening the store
 * is not counted; everything from the first request on is.
 */
const TASKS: Readonly<Record<string, (argument: string, finish: (work: Work) => Promise<void>) => Promise<void>>> = {
  ...MEMORY_TASKS,
  ...PARQUET_TASKS,
  ...STRATEGY_TASKS,
  /** LanceDB alone: every record batch is taken and dropped. */
  'read-lancedb': async (argument, finish) => {
    const { folder, table } = place(argument);
    const opened = await (await connect(folder)).openTable(table);
    await finish(async () => {
      let rows = 0;
      for await (const batch of opened.query()) rows += batch.numRows;
      return { rows };
    });
  },
  /** The repository: every batch is taken and dropped. */
  'read-repository': async (argument, finish) =>
    withRepository(argument, async (repository) =>
      finish(async () => {
        let rows = 0;
        for await (const { ids } of exportAll(repository)) rows += ids.length;
        return { rows };
      }),
    ),
  /** A whole export: plan, parts, digests, manifest. */
  export: async (argument, finish) =>
    withRepository(argument, async (repository) => {
      // As the command `vecport` does.
      setFlagsFromString('--semi-space-growth-factor=1');
      const target = await mkdtemp(join(tmpdir(), 'vecport-bench-'));
      try {
        await finish(exportWork({ repositories: [repository], provider: repository.provider }, target));
      } finally {
        await rm(target, { recursive: true, force: true });
      }
    }),
};

async function withRepository(
  argument: string,
  use: (repository: Parameters<typeof exportAll>[0]) => Promise<void>,
): Promise<void> {
  const { folder, table } = place(argument);
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [lancedb({ path: folder })] });
  try {
    await use(await (await host.catalog.open('lancedb')).repository(table));
  } finally {
    await host.close();
  }
}

function place(argument: string): { readonly folder: string; readonly table: string } {
  const [folder = '', table = ''] = argument.split('#');
  return { folder, table };
}

const [name = '', argument = ''] = process.argv.slice(2);
const task = TASKS[name];
if (task === undefined) throw new Error(`There is no task '${name}'.`);
await task(argument, report);
