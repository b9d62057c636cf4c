import http from 'node:http';
import type { Pacer } from './pacer.js';
import type { PageData } from './page-data.js';
import { drawnIds, scrollPage } from './scroll-page.js';

const VERSION = '1.18.3';
const END = '"status":"ok","time":0.002}';

/** What a REST page server is told. */
export interface RestPages {
  readonly data: PageData;
  readonly collection: string;
  readonly dimension: number;
}

interface Answer {
  readonly body: readonly (string | Uint8Array)[];
  readonly points?: number;
}

/** Qdrant's REST interface, as far as exporters use it. */
export function restPageServer(pages: RestPages, pacer: Pacer): http.Server {
  return http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const text = Buffer.concat(chunks).toString();
      const asked = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      const { body, points = 0 } = answerTo((request.url ?? '').replace(/\?.*$/, ''), asked, pages);
      void pacer.wait(points).then(() => {
        const length = body.reduce((sum, part) => sum + part.length, 0);
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
        response.cork();
        for (const part of body) response.write(part);
        response.end();
        response.uncork();
      });
    });
  });
}

function answerTo(path: string, asked: Readonly<Record<string, unknown>>, pages: RestPages): Answer {
  const { data, collection } = pages;
  switch (path.replace(`/collections/${collection}`, '/collections/*')) {
    case '/':
      return { body: [JSON.stringify({ title: 'qdrant - vector search engine', version: VERSION })] };
    case '/cluster':
      return { body: [`{"result":{"status":"disabled"},${END}`] };
    case '/collections':
      return { body: [`{"result":{"collections":[{"name":"${collection}"}]},${END}`] };
    case '/collections/*':
      return { body: [`{"result":${JSON.stringify(collectionInfo(pages))},${END}`] };
    case '/collections/*/points/count':
      return { body: [`{"result":{"count":${data.ids.length}},${END}`] };
    case '/collections/*/points/query': {
      const drawn = drawnIds(data, Number(asked['limit'] ?? 10)).map((id) => ({ id, version: 0, score: 0 }));
      return { body: [`{"result":${JSON.stringify({ points: drawn })},${END}`] };
    }
    case '/collections/*/points/scroll': {
      const { offset, limit = 10 } = asked;
      const from = typeof offset === 'string' || typeof offset === 'number' ? String(offset) : undefined;
      const { points, count, next } = scrollPage(data, {
        from,
        limit: Number(limit),
        full: asked['with_vector'] === true,
      });
      const after = next === undefined ? 'null' : `"${next}"`;
      const body = ['{"result":{"points":[', points.subarray(0, -1), `],"next_page_offset":${after}},${END}`];
      return { body, points: count };
    }
    default:
      throw new Error(`The page server has no ${path}.`);
  }
}

function collectionInfo({ data, dimension }: RestPages): object {
  return {
    status: 'green',
    optimizer_status: 'ok',
    indexed_vectors_count: data.ids.length,
    points_count: data.ids.length,
    segments_count: 2,
    config: {
      params: {
        vectors: { size: dimension, distance: 'Cosine' },
        shard_number: 1,
        replication_factor: 1,
        write_consistency_factor: 1,
        on_disk_payload: true,
      },
      hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10_000, max_indexing_threads: 0, on_disk: false },
    },
    payload_schema: {},
  };
}
