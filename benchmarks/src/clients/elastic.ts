import { Client } from '@elastic/elasticsearch';
import { DIMENSION, type Metadata, type Point, pointGroups } from '../providers/points.js';
import type { Place, PlainExport, ProviderClient } from './client.js';

const PAGE = 1000;
/** Plain media types: a client of version 9 then talks to servers of version 8 as well. */
const JSON_HEADERS = { accept: 'application/json', 'content-type': 'application/json' };
const BULK_HEADERS = { accept: 'application/json', 'content-type': 'application/x-ndjson' };
/** Without it, version 9.2 and later leave vectors out. */
const WITH_VECTORS = { exclude_vectors: false };

/** An index as the documentation of Elasticsearch makes one for vectors. */
export const elasticClient: ProviderClient = {
  fill: async (place) => {
    const client = connect(place);
    const index = place.collection;
    const embedding = {
      type: 'dense_vector',
      dims: DIMENSION,
      similarity: 'cosine',
      index_options: { type: 'flat' },
    } as const;
    await client.indices.create({ index, mappings: { properties: { embedding } } }, { headers: JSON_HEADERS });
    for (const points of pointGroups(PAGE)) {
      const { errors } = await client.bulk(
        { operations: points.flatMap(operations(index)) },
        { headers: BULK_HEADERS },
      );
      if (errors) throw new Error('Elasticsearch did not take every document.');
    }
    await client.indices.forcemerge({ index, max_num_segments: 1 }, { headers: JSON_HEADERS });
    await client.indices.refresh({ index }, { headers: JSON_HEADERS });
    await client.close();
  },
  drop: async (place) => {
    const client = connect(place);
    await client.indices.delete({ index: place.collection, ignore_unavailable: true }, { headers: JSON_HEADERS });
    await client.close();
  },
  exports: {
    'official client, scrollSearch': async (place) => scrollSearch(place),
    'official client, point in time': async (place) => pointInTime(place),
  },
};

function connect({ host, ports }: Place): Client {
  return new Client({ node: `http://${host}:${ports['http']}`, requestTimeout: 120_000 });
}

function operations(index: string): (point: Point) => [object, object] {
  return ({ id, vector, metadata }) => [{ index: { _index: index, _id: id } }, { ...metadata, embedding: vector }];
}

async function scrollSearch(place: Place): Promise<PlainExport> {
  const client = connect(place);
  return {
    write: async (file) => {
      const request = { index: place.collection, size: PAGE, query: { match_all: {} }, _source: WITH_VECTORS };
      const pages = client.helpers.scrollSearch<Metadata>(request, { headers: JSON_HEADERS });
      for await (const { body } of pages) await file.write(body.hits.hits);
    },
    close: async () => client.close(),
  };
}

async function pointInTime(place: Place): Promise<PlainExport> {
  const client = connect(place);
  return {
    write: async (file) => {
      const opened = { index: place.collection, keep_alive: '1m' };
      let { id } = await client.openPointInTime(opened, { headers: JSON_HEADERS });
      const first = {
        size: PAGE,
        query: { match_all: {} },
        sort: ['_shard_doc'],
        track_total_hits: false,
        _source: WITH_VECTORS,
      };
      let request: object = first;
      for (;;) {
        const page = await client.search<Metadata>(
          { ...request, pit: { id, keep_alive: '1m' } },
          { headers: JSON_HEADERS },
        );
        const { hits } = page.hits;
        const last = hits.at(-1);
        if (last === undefined) break;
        await file.write(hits);
        id = page.pit_id ?? id;
        request = { ...first, search_after: last.sort };
      }
      await client.closePointInTime({ id }, { headers: JSON_HEADERS });
    },
    close: async () => client.close(),
  };
}
