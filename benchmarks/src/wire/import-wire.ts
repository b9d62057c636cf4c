import { join } from 'node:path';
import { type Alternative, runScript, type Sample, type Script } from '../measure.js';
import { profileScripts } from '../profile-scripts.js';
import { startPageServer } from './start-page-server.js';
import type { SelfTime } from './thread-profiles.js';
import type { ImportTask } from './wire-task.js';

const TASK = join(import.meta.dirname, 'task.js');
const COLLECTION = 'pages';

/** What is written, by dimension. */
const POINTS: Readonly<Record<number, number>> = { 384: 100_000, 1536: 32_000 };

/** A variant, its server running. Close it to end the server. */
interface ImportWire {
  readonly about: string;
  readonly alternatives: readonly Alternative[];
  /** Of one run more of Vecport, which is not counted. */
  profile(): Promise<readonly SelfTime[]>;
  close(): Promise<void>;
}

/** Dimensions the benchmark has. */
export const IMPORT_DIMENSIONS: readonly number[] = Object.keys(POINTS).map(Number);

/** A server that takes every point and keeps none, so that the client's cost is measured alone. */
export async function openImportWire(dimension: number): Promise<ImportWire> {
  const points = POINTS[dimension] ?? 0;
  const server = await startPageServer({ points: 1, dimension, over: 'grpc', collection: COLLECTION });
  const { httpPort, grpcPort } = server.address;
  const scriptOf = (kind: ImportTask['kind']): Script => {
    const task: ImportTask = { kind, over: 'grpc', httpPort, grpcPort, collection: COLLECTION, points, dimension };
    return { script: TASK, args: [JSON.stringify(task)] };
  };
  const run = async (kind: ImportTask['kind']): Promise<Sample> =>
    JSON.parse(await runScript(scriptOf(kind))) as Sample;
  const n = points.toLocaleString('en');
  return {
    about: `Writing ${n} points of ${dimension} dimensions over gRPC to a server that takes them and keeps nothing, 500 a request, two requests under way.`,
    alternatives: [
      { name: 'Vecport: upsertMany', run: async () => run('import') },
      { name: 'official gRPC client: upsert', run: async () => run('plain-import') },
    ],
    profile: async () => profileScripts([{ label: 'main', ...scriptOf('import') }], 12),
    close: server.close,
  };
}
