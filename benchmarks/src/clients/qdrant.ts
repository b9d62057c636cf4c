import {
  QdrantClient as GrpcClient,
  type PointId,
  type RetrievedPoint,
  toDenseVector,
  type Value,
} from '@qdrant/js-client-grpc';
import { QdrantClient as RestClient } from '@qdrant/js-client-rest';
import { DIMENSION, pointGroups } from '../providers/points.js';
import type { Place, PlainExport, ProviderClient } from './client.js';

const PAGE = 1000;
const FILL_PAGE = 500;

/** A collection as the documentation of Qdrant makes one. */
export const qdrantClient: ProviderClient = {
  fill: async (place) => {
    const client = connect(place);
    await client.createCollection(place.collection, { vectors: { size: DIMENSION, distance: 'Cosine' } });
    for (const points of pointGroups(FILL_PAGE)) {
      await client.upsert(place.collection, {
        wait: true,
        points: points.map(({ id, vector, metadata }) => ({ id, vector, payload: metadata })),
      });
    }
  },
  drop: async (place) => void (await connect(place).deleteCollection(place.collection)),
  exports: {
    'official gRPC client, scroll': async (place) => scrollGrpc(place, {}),
    'official gRPC client, uncompressed': async (place) => scrollGrpc(place, { compression: false }),
    'official REST client, scroll': async (place) => scrollRest(place),
  },
};

function connect({ host, ports }: Place): RestClient {
  return new RestClient({ host, port: ports['http'] ?? 0, https: false, checkCompatibility: false, timeout: 120_000 });
}

async function scrollRest(place: Place): Promise<PlainExport> {
  const client = connect(place);
  return {
    write: async (file) => {
      let offset: string | number | undefined;
      do {
        const page = await client.scroll(place.collection, {
          limit: PAGE,
          with_payload: true,
          with_vector: true,
          ...(offset === undefined ? {} : { offset }),
        });
        await file.write(page.points);
        offset = page.next_page_offset === null ? undefined : (page.next_page_offset as string | number | undefined);
      } while (offset !== undefined);
    },
    close: async () => undefined,
  };
}

async function scrollGrpc(place: Place, options: { readonly compression?: boolean }): Promise<PlainExport> {
  const client = new GrpcClient({
    host: place.host,
    port: place.ports['grpc'] ?? 0,
    checkCompatibility: false,
    ...options,
  });
  const points = client.api('points');
  return {
    write: async (file) => {
      let offset: PointId | undefined;
      do {
        const page = await points.scroll({
          collectionName: place.collection,
          limit: PAGE,
          withPayload: { selectorOptions: { case: 'enable', value: true } },
          withVectors: { selectorOptions: { case: 'enable', value: true } },
          ...(offset === undefined ? {} : { offset }),
        });
        await file.write(page.result.map(plainPoint));
        offset = page.nextPageOffset;
      } while (offset !== undefined);
    },
    close: async () => undefined,
  };
}

function plainPoint({ id, vectors, payload }: RetrievedPoint): object {
  const output = vectors?.vectorsOptions;
  return {
    id: id?.pointIdOptions.value,
    vector: output?.case === 'vector' ? toDenseVector(output.value)?.data : undefined,
    payload: plainFields(payload),
  };
}

/** A payload as a value for JSON. */
export function plainFields(fields: Readonly<Record<string, Value>>): object {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue({ kind }: Value): unknown {
  if (kind.case === 'listValue') return kind.value.values.map(plainValue);
  if (kind.case === 'structValue') return plainFields(kind.value.fields);
  if (kind.case === 'nullValue' || kind.case === undefined) return null;
  return typeof kind.value === 'bigint' ? Number(kind.value) : kind.value;
}
