import { DataType, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { DIMENSION, pointGroups } from '../providers/points.js';
import type { Place, PlainExport, ProviderClient } from './client.js';

const PAGE = 1000;
const FIELDS = ['id', 'vector', '$meta'];

/** A collection as the documentation of Milvus makes one: a key, a vector, and the rest as dynamic fields. */
export const milvusClient: ProviderClient = {
  fill: async (place) => {
    const client = await connect(place);
    const { collection: collection_name } = place;
    checked(
      await client.createCollection({
        collection_name,
        fields: [
          { name: 'id', data_type: DataType.VarChar, max_length: 64, is_primary_key: true },
          { name: 'vector', data_type: DataType.FloatVector, dim: DIMENSION },
        ],
        enable_dynamic_field: true,
      }),
    );
    const index = { collection_name, field_name: 'vector', index_type: 'FLAT', metric_type: 'COSINE' };
    checked(await client.createIndex(index));
    for (const points of pointGroups(PAGE)) {
      const data = points.map(({ id, vector, metadata }) => ({ id, vector, ...metadata }));
      checked((await client.insert({ collection_name, data })).status);
    }
    await client.flushSync({ collection_names: [collection_name] });
    checked(await client.loadCollection({ collection_name }));
    await untilAllAreSeen(client, collection_name);
    await client.closeConnection();
  },
  drop: async (place) => {
    const client = await connect(place);
    await client.dropCollection({ collection_name: place.collection });
    await client.closeConnection();
  },
  exports: {
    'official client, query by key': async (place) => queryByKey(place),
    'official client, queryIterator': async (place) => queryIterator(place),
  },
};

async function connect({ host, ports }: Place): Promise<MilvusClient> {
  const address = `${host}:${ports['grpc']}`;
  const client = new MilvusClient({ address, telemetry: { enabled: false }, timeout: 120_000 });
  await client.connectPromise;
  return client;
}

function checked({ error_code, reason }: { readonly error_code: string | number; readonly reason: string }): void {
  if (error_code !== 'Success') throw new Error(`Milvus: ${error_code} ${reason}`);
}

async function untilAllAreSeen(client: MilvusClient, collection_name: string): Promise<void> {
  await client.loadCollectionSync({ collection_name });
  const { status } = await client.query({ collection_name, filter: 'id == ""', output_fields: ['id'] });
  checked(status);
}

/** Paging by the key, as `queryIterator` does, written out. */
async function queryByKey(place: Place): Promise<PlainExport> {
  const client = await connect(place);
  return {
    write: async (file) => {
      let filter = 'id > ""';
      for (;;) {
        const { status, data } = await client.query({
          collection_name: place.collection,
          filter,
          limit: PAGE,
          output_fields: FIELDS,
        });
        checked(status);
        const last = data.at(-1);
        if (last === undefined) return;
        await file.write(data);
        filter = `id > ${JSON.stringify(last['id'])}`;
      }
    },
    close: async () => void (await client.closeConnection()),
  };
}

async function queryIterator(place: Place): Promise<PlainExport> {
  const client = await connect(place);
  return {
    write: async (file) => {
      const request = { collection_name: place.collection, filter: '', batchSize: PAGE, output_fields: FIELDS };
      const pages = (await client.queryIterator(request)) as AsyncIterable<object[]>;
      for await (const page of pages) await file.write(page);
    },
    close: async () => void (await client.closeConnection()),
  };
}
