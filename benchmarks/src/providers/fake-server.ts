import { type FakePinecone, type FakeQdrant, startFakePinecone, startFakeQdrant } from '@vecport/testkit';
import type { Place } from '../clients/client.js';
import { DIMENSION, pointGroups } from './points.js';

/*
 * A process with a fake server: `fake-server.js NAME COLLECTION` prints a Place as one line of JSON and serves until
 * its input ends.
 */
const [name = '', collection = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(name === 'qdrant' ? await qdrant() : await pinecone())}\n`);
process.stdin.resume().once('end', () => process.exit(0));

async function qdrant(): Promise<Place> {
  const { httpPort, grpcPort }: FakeQdrant = await startFakeQdrant();
  return {
    client: 'qdrant',
    storeUrl: `qdrant://127.0.0.1:${httpPort}?grpc-port=${grpcPort}`,
    host: '127.0.0.1',
    ports: { http: httpPort, grpc: grpcPort },
    collection,
  };
}

async function pinecone(): Promise<Place> {
  const fake: FakePinecone = await startFakePinecone();
  await fake.createIndex({ name: collection, dimension: DIMENSION });
  for (const points of pointGroups(1000)) {
    fake.seed(
      collection,
      points.map(({ id, vector, metadata }) => ({ id, values: vector, metadata })),
    );
  }
  return {
    client: 'pinecone',
    storeUrl: 'pinecone:',
    settings: { apiKey: fake.apiKey, host: fake.url, requestsPerSecond: '0' },
    host: '127.0.0.1',
    ports: {},
    collection,
  };
}
