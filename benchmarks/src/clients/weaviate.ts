import weaviate, { dataType, type WeaviateClient } from 'weaviate-client';
import { pointGroups } from '../providers/points.js';
import type { Place, PlainExport, ProviderClient } from './client.js';

const PAGE = 1000;
/** As many objects as the iterator is asked for: all of them would take minutes. */
const FEW = 1000;

/** A collection as the documentation of Weaviate makes one for vectors of one's own. */
export const weaviateClient: ProviderClient = {
  fill: async (place) => {
    const client = await connect(place);
    const { configure } = weaviate;
    const collection = await client.collections.create({
      name: place.collection,
      vectorizers: configure.vectors.selfProvided({ vectorIndexConfig: configure.vectorIndex.flat() }),
      properties: [
        ...['title', 'description', 'category', 'brand'].map((name) => ({ name, dataType: dataType.TEXT })),
        { name: 'createdAt', dataType: place.variant === 'dates' ? dataType.DATE : dataType.TEXT },
        { name: 'price', dataType: dataType.NUMBER },
        { name: 'stock', dataType: dataType.INT },
        { name: 'available', dataType: dataType.BOOLEAN },
        { name: 'tags', dataType: dataType.TEXT_ARRAY },
      ],
    });
    for (const points of pointGroups(PAGE)) {
      const objects = points.map(({ id, vector, metadata }) => ({ id, vectors: vector, properties: metadata }));
      const { hasErrors } = await collection.data.insertMany(objects);
      if (hasErrors) throw new Error('Weaviate did not take every object.');
    }
    await client.close();
  },
  drop: async (place) => {
    const client = await connect(place);
    await client.collections.delete(place.collection);
    await client.close();
  },
  exports: {
    'official client, fetchObjects': async (place) => fetchObjects(place),
    [`official client, iterator, ${FEW} only`]: async (place) => iterator(place),
  },
};

async function connect({ host, ports }: Place): Promise<WeaviateClient> {
  return weaviate.connectToCustom({
    httpHost: host,
    httpPort: ports['http'] ?? 0,
    httpSecure: false,
    grpcHost: host,
    grpcPort: ports['grpc'] ?? 0,
    grpcSecure: false,
    timeout: { init: 30, query: 120, insert: 120 },
  });
}

async function fetchObjects(place: Place): Promise<PlainExport> {
  const client = await connect(place);
  const collection = client.collections.use(place.collection);
  return {
    write: async (file) => {
      let after: string | undefined;
      for (;;) {
        const { objects } = await collection.query.fetchObjects({
          limit: PAGE,
          includeVector: true,
          ...(after === undefined ? {} : { after }),
        });
        if (objects.length === 0) return;
        await file.write(objects);
        after = objects.at(-1)?.uuid;
      }
    },
    close: async () => client.close(),
  };
}

async function iterator(place: Place): Promise<PlainExport> {
  const client = await connect(place);
  const collection = client.collections.use(place.collection);
  return {
    write: async (file) => {
      for await (const object of collection.iterator({ includeVector: true })) {
        await file.write([object]);
        if (file.lines === FEW) return;
      }
    },
    close: async () => client.close(),
  };
}
