import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Place } from '../clients/client.js';
import { directAddress, type RunningServer, runningServers } from './servers.js';

/** What a provider is measured on. */
export interface Target {
  readonly name: string;
  /** Name and version, and whether it is a fake. */
  readonly about: string;
  readonly isFake: boolean;
  readonly place: Place;
  readonly server?: RunningServer | undefined;
  close(): Promise<void>;
}

const COLLECTION = 'VecportBench';
const FAKES = ['qdrant', 'pinecone'];
const EMBEDDED = 'lancedb';

/** The names that can be measured now: LanceDB, the fakes and every server that is up. */
export function targetNames(): readonly string[] {
  const servers = runningServers().map(({ name }) => name);
  return [EMBEDDED, ...servers.filter((name) => !name.endsWith('-secure')), ...FAKES];
}

/** Make a target ready, without points. @throws Error for one that does not run. */
export async function openTarget(name: string): Promise<Target> {
  if (name === EMBEDDED) return openEmbedded();
  if (FAKES.includes(name)) return openFake(name);
  const server = runningServers().find((running) => running.name === name);
  if (server === undefined) throw new Error(`'${name}' does not run: npm run servers -- up ${name}`);
  const client = name.replace(/-.*$/, '');
  const place = {
    client,
    ...directAddress(server),
    host: '127.0.0.1',
    collection: client === 'weaviate' ? COLLECTION : COLLECTION.toLowerCase(),
  };
  return { name, about: `${name} ${server.version}`, isFake: false, place, server, close: async () => undefined };
}

async function openEmbedded(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'vecport-bench-lancedb-'));
  const place = { client: EMBEDDED, storeUrl: `lancedb:${folder}`, host: '', ports: {}, collection: COLLECTION };
  return {
    name: EMBEDDED,
    about: 'LanceDB, embedded',
    isFake: false,
    place,
    close: async () => rm(folder, { recursive: true, force: true }),
  };
}

async function openFake(name: string): Promise<Target> {
  const script = join(import.meta.dirname, 'fake-server.js');
  const child = spawn(process.execPath, [script, name, COLLECTION.toLowerCase()], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => {
      throw new Error(`The fake of ${name} ended.`);
    }),
  ])) as [string];
  return {
    name,
    about: `a fake of ${name}, not the server itself: compare the clients, not the rates`,
    isFake: true,
    place: JSON.parse(line) as Place,
    close: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
