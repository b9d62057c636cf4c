import { VecportError, type VectorBatch } from '@vecport/abstractions';
import { JsonReader } from '@vecport/wire';
import { answerError, brokenAnswer } from './errors.js';
import { type Hit, type HitOptions, type HitReader, hitReader } from './hits.js';
import { PROVIDER } from './provider.js';

/** The answer of a search. */
export interface Page {
  readonly batch: VectorBatch;
  readonly hits: readonly Hit[];
  /** Number of documents that match, where it was asked for. */
  readonly total: number | undefined;
  /** The point in time to go on with. */
  readonly pit: string | undefined;
  readonly scroll: string | undefined;
  /** JSON text. */
  readonly aggregations: Uint8Array | undefined;
}

/**
 * Read the answer of a search whole. The bytes are changed and must not be read again.
 * @throws VecportError where it is only part of an answer: a shard failed, or time ran out.
 */
export function readPage(bytes: Uint8Array, options: HitOptions): Page {
  const documents = hitReader(options);
  return { ...readAnswer(bytes, documents), batch: documents.build() };
}

/** The same, with the documents read into columns that already have some. */
export function readAnswer(bytes: Uint8Array, documents: HitReader): Omit<Page, 'batch'> {
  const reader = new JsonReader(bytes);
  const hits: Hit[] = [];
  let total: number | undefined;
  let pit: string | undefined;
  let scroll: string | undefined;
  let aggregations: Uint8Array | undefined;
  let complete = false;
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    switch (key) {
      case 'pit_id':
        pit = reader.text();
        break;
      case '_scroll_id':
        scroll = reader.text();
        break;
      case 'timed_out':
        if (reader.boolean()) throw partial('It ran out of time', 'timeout');
        break;
      case 'terminated_early':
        if (reader.boolean()) throw partial('It ended early', 'provider-error');
        break;
      case '_shards':
        checkShards(reader.raw());
        complete = true;
        break;
      case 'aggregations':
        aggregations = reader.raw();
        break;
      case 'hits':
        total = readHits(reader, (hit) => hits.push(documents.read(hit)));
        break;
      default:
        reader.skip();
    }
  }
  reader.finish();
  if (!complete) throw brokenAnswer('The server did not say how many shards it searched.');
  return { hits, total, pit, scroll, aggregations };
}

/**
 * The sort values of the last hit and the newest point in time, read from both ends of an answer without decoding
 * it; `undefined` where they are not in their usual places.
 */
export function peekPage(bytes: Buffer): { readonly sort: readonly number[]; readonly pit: string } | undefined {
  const tail = bytes.subarray(Math.max(0, bytes.length - 120)).toString('latin1');
  const sort = /"sort":\[(\d+),(\d+)\]\}\]\}\}\s*$/.exec(tail);
  const pit = /^\{"pit_id":"([\w+/=-]+)"/.exec(bytes.subarray(0, 65_536).toString('latin1'));
  return sort === null || pit?.[1] === undefined
    ? undefined
    : { sort: [Number(sort[1]), Number(sort[2])], pit: pit[1] };
}

function readHits(reader: JsonReader, read: (reader: JsonReader) => void): number | undefined {
  let total: number | undefined;
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === 'total') total = readTotal(reader);
    else if (key === 'hits') {
      reader.enterArray();
      while (reader.nextElement()) read(reader);
    } else reader.skip();
  }
  return total;
}

function readTotal(reader: JsonReader): number | undefined {
  let value: number | undefined;
  let exact = false;
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === 'value') value = reader.number();
    else if (key === 'relation') exact = reader.text() === 'eq';
    else reader.skip();
  }
  return exact ? value : undefined;
}

interface Shards {
  readonly total?: number;
  readonly failed?: number;
  readonly failures?: readonly { readonly reason?: unknown; readonly status?: number }[];
}

/** @throws VecportError when a shard did not answer. */
export function checkShards(json: Uint8Array): void {
  const { failed = 0, total = 0, failures = [] } = JSON.parse(Buffer.from(json).toString()) as Shards;
  if (failed === 0) return;
  const reason = failures[0]?.reason;
  const text = JSON.stringify({ error: reason ?? {} });
  const { code, message } = answerError({ status: failures[0]?.status ?? 503, text });
  if (code === 'expired') throw answerError({ status: 404, text });
  throw partial(
    `${failed} of ${total} shards failed (${reason === undefined ? 'no reason given' : message})`,
    'unavailable',
  );
}

function partial(what: string, code: 'timeout' | 'unavailable' | 'provider-error'): VecportError {
  return new VecportError(code, `Elasticsearch gave a part of the answer only. ${what}.`, {
    provider: PROVIDER,
    advice: 'Try again; if it stays so, look at the health of the cluster.',
  });
}
