import { readFile, writeFile } from 'node:fs/promises';
import type { Place } from '../clients/client.js';
import { clientOf } from '../clients/clients.js';
import { LineFile } from '../clients/line-file.js';
import { report } from '../report.js';
import { drainWork, openDrain } from './drain.js';
import { drainLancedb } from './drain-lancedb.js';
import { exportInsideWeaviate } from './export-inside-weaviate.js';
import { exportWork, readWork, withSource } from './export-with-vecport.js';
import type { Recording } from './recorded-request.js';

/*
 * A process of the benchmark of providers: `task.js NAME ARGUMENT` does one thing. Those that are measured print a
 * Sample as JSON; connecting is not counted, everything from the first request for data on is.
 */

/** What a task is told. */
export interface TaskArgument {
  readonly place: Place;
  /** Where it writes: a folder that is there, and empty. */
  readonly folder: string;
  /** Of the client's exports, which. */
  readonly client?: string | undefined;
}

const TASKS: Readonly<Record<string, (argument: TaskArgument) => Promise<void>>> = {
  fill: async ({ place }) => (await clientOf(place.client)).fill(place),
  drop: async ({ place }) => (await clientOf(place.client)).drop(place),
  export: async ({ place, folder }) => withSource(place, async (source) => report(exportWork(source, folder))),
  read: async ({ place }) => withSource(place, async (source) => report(readWork(source))),
  plain: async ({ place, folder, client = '' }) => {
    const open = (await clientOf(place.client)).exports[client];
    if (open === undefined) throw new Error(`There is no export '${client}'.`);
    const plain = await open(place);
    await report(async () => {
      const file = new LineFile(`${folder}/points.ndjson`);
      await plain.write(file);
      await file.end();
      return { rows: file.lines, bytes: file.bytes };
    });
    await plain.close();
  },
  record: async ({ place, folder }) => {
    const { watchRequests } = await import('./record-requests.js');
    const watch = watchRequests();
    await withSource(place, async (source) => {
      watch.reset();
      const { rows } = await exportWork(source, `${folder}/dataset`)();
      await writeFile(`${folder}/recording.json`, JSON.stringify(watch.take(rows)));
    });
  },
  drain: async ({ place, client = '' }) => {
    const recording = JSON.parse(await readFile(client, 'utf8')) as Recording;
    const drain = await openDrain(recording, place);
    await report(drainWork(recording, drain));
    await drain.close();
  },
  'drain-lancedb': async ({ place }) => drainLancedb(place),
  'inside-weaviate': async ({ place, client = '' }) => exportInsideWeaviate(place, client),
};

const [name = '', argument = '{}'] = process.argv.slice(2);
const task = TASKS[name];
if (task === undefined) throw new Error(`There is no task '${name}'.`);
await task(JSON.parse(argument) as TaskArgument);
