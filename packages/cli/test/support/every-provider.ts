import type { AdapterDefinition, Settings } from '@vecport/abstractions';
import { adapter as elastic } from '@vecport/adapter-elastic';
import { adapter as lancedb } from '@vecport/adapter-lancedb';
import { adapter as milvus } from '@vecport/adapter-milvus';
import { adapter as pgvector } from '@vecport/adapter-pgvector';
import { adapter as pinecone } from '@vecport/adapter-pinecone';
import { adapter as qdrant } from '@vecport/adapter-qdrant';
import { adapter as weaviate } from '@vecport/adapter-weaviate';
import { createHost, type OpenStore } from '@vecport/core';
import {
  adapterModule,
  removeTempFolders,
  serverUrl,
  startFakePinecone,
  startFakeQdrant,
  tempFolder,
  testedServers,
} from '@vecport/testkit';

/** Servers that a migration between providers is tested on, and the adapter of each. */
const SERVERS = {
  'elastic-9': elastic,
  'weaviate-1.39': weaviate,
  'milvus-lite-3': milvus,
  'milvus-2.3': milvus,
  pgvector,
} satisfies Readonly<Record<string, AdapterDefinition>>;

/** A store of one provider, open, on a real server where there is one and on a fake where there is none. */
export interface Place {
  /** Of the server as `npm run servers` knows it, else of the provider. */
  readonly name: PlaceName;
  readonly store: OpenStore;
  /** A name for a collection that the provider takes; different for each `what`, and for each run. */
  collectionName(what: string): string;
  /** Close the store and stop what was started for it. */
  close(): Promise<void>;
}

/** Where points can be. */
export type PlaceName = keyof typeof SERVERS | 'lancedb' | 'qdrant' | 'pinecone';

interface Opening {
  readonly adapter: AdapterDefinition;
  readonly settings: Settings;
  stop?(): Promise<void>;
}

/** The places of this run: those without a server, and the servers that are tested. */
export function placeNames(among: readonly PlaceName[]): readonly PlaceName[] {
  const servers = testedServers(Object.keys(SERVERS) as (keyof typeof SERVERS)[]);
  return among.filter((name) => !Object.hasOwn(SERVERS, name) || servers.includes(name as keyof typeof SERVERS));
}

/** Open places, one after the other. The caller closes them; if one does not open, those before it are closed. */
export async function openPlaces(names: readonly PlaceName[]): Promise<readonly Place[]> {
  const places: Place[] = [];
  try {
    for (const name of names) places.push(await openPlace(name));
    return places;
  } catch (error) {
    await closePlaces(places);
    throw error;
  }
}

async function openPlace(name: PlaceName): Promise<Place> {
  const { adapter, settings, stop } = await openingOf(name);
  const host = await createHost({
    discover: false,
    envFile: false,
    env: {},
    modules: [adapterModule(adapter, settings)],
  });
  const store = await host.catalog.open(adapter.name);
  return {
    name,
    store,
    collectionName: (what) => collectionName(name, what),
    close: async () => {
      await host.close();
      await stop?.();
    },
  };
}

/** Close places and remove the folders some of them are in. */
export async function closePlaces(places: readonly Place[]): Promise<void> {
  await Promise.all(places.map(async (place) => place.close()));
  await removeTempFolders();
}

async function openingOf(name: PlaceName): Promise<Opening> {
  switch (name) {
    case 'lancedb':
      return { adapter: lancedb, settings: { path: await tempFolder() } };
    case 'qdrant': {
      const fake = await startFakeQdrant();
      const settings = { url: fake.httpUrl, grpcPort: String(fake.grpcPort) };
      return { adapter: qdrant, settings, stop: async () => fake.close() };
    }
    case 'pinecone': {
      const fake = await startFakePinecone();
      const settings = { apiKey: fake.apiKey, host: fake.url, requestsPerSecond: '0' };
      return { adapter: pinecone, settings, stop: async () => fake.close() };
    }
    default:
      return { adapter: SERVERS[name], settings: SERVERS[name].parseUrl(serverUrl(name)).settings };
  }
}

let counter = 0;

// Classes of Weaviate begin with a capital, indexes of Pinecone have neither capitals nor underscores.
function collectionName(name: PlaceName, what: string): string {
  counter += 1;
  const parts = [what.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'), process.pid.toString(36), counter.toString(36)];
  if (name === 'pinecone') return parts.join('-');
  const joined = parts.join('_').replaceAll('-', '_');
  return name === 'weaviate-1.39' ? `P${joined}` : joined;
}
