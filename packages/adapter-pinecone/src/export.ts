import { setTimeout as wait } from 'node:timers/promises';
import {
  type ExportBatch,
  type ExportOptions,
  metadataFromTexts,
  metadataText,
  selectFields,
  VecportError,
} from '@vecport/abstractions';
import type { BatchBuilder } from '@vecport/wire';
import { PROVIDER } from './config.js';
import { fetchRecords, groupIds, type RawRecords, recordsPerRequest } from './fetch-records.js';
import type { IndexInfo } from './index-info.js';
import { isListed, listIds } from './list-ids.js';
import { cursorAt, type Position, parseCursor } from './position.js';
import { addRecord, builderFor } from './read-record.js';
import type { WriteTarget } from './write-records.js';

/** Points a batch of an export has when nobody asks. */
export const DEFAULT_BATCH_SIZE = 1000;
/** Bytes of vectors a batch has at most. */
const MAX_BATCH_BYTES = 64 * 2 ** 20;

/** What a full read reads from. */
export interface ExportSource extends WriteTarget {
  /** Requests under way at once. */
  readonly parallel: number;
  /** How long to wait for a record that is listed and not given, in milliseconds. */
  readonly settleTimeout: number;
}

/**
 * Every point of a namespace by ascending stored id: ids are listed a page ahead, records fetched some requests ahead.
 * A point that is gone by the time it is fetched was deleted meanwhile and is left out, which is made sure of by
 * listing it again.
 * @throws VecportError `incomplete` for a point that stays listed and is not given.
 */
export async function* exportPoints(
  source: ExportSource,
  options: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  const { signal, after } = options;
  signal?.throwIfAborted();
  const position = after === undefined ? undefined : parseCursor(after, 'all');
  yield* batchesOf(source.info, pointsOf(fetchAhead(source, position, signal)), options);
}

/** A record, and where reading goes on after it. */
export interface PositionedRecord {
  /** The stored id. */
  readonly id: string;
  readonly json: Uint8Array;
  readonly position: Position;
}

/** Batches of records, in their order, of the size asked for and with the fields asked for. */
export async function* batchesOf(
  info: IndexInfo,
  records: AsyncIterable<PositionedRecord>,
  { signal, batchSize = DEFAULT_BATCH_SIZE, fields }: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  const rows = Math.max(1, Math.min(batchSize, Math.floor(MAX_BATCH_BYTES / ((info.dense?.dimension ?? 256) * 4))));
  const chosen = fields === undefined ? undefined : new Set(fields);
  let builder = builderFor(info, rows);
  let exported = 0;
  let last: Position | undefined;
  const take = (position: Position): ExportBatch => {
    exported += builder.rows;
    const batch = finish(builder, position, exported, chosen);
    builder = builderFor(info, rows);
    return batch;
  };
  for await (const { id, json, position } of records) {
    addRecord(builder, info, id, json);
    last = position;
    if (builder.rows < rows) continue;
    yield take(position);
    signal?.throwIfAborted();
  }
  if (builder.rows > 0 && last !== undefined) yield take(last);
}

function finish(
  builder: BatchBuilder,
  position: Position,
  exported: number,
  fields: ReadonlySet<string> | undefined,
): ExportBatch {
  const batch = builder.build();
  const { metadata } = batch;
  const texts = (): (string | undefined)[] =>
    batch.ids.map((_, row) => {
      const text = metadataText(metadata, row);
      return text === undefined || fields === undefined ? text : selectFields(text, fields);
    });
  return {
    ...batch,
    metadata: fields === undefined ? metadata : metadataFromTexts(texts()),
    cursor: cursorAt(position),
    progress: { exported },
  };
}

interface Unit {
  readonly ids: readonly string[];
  readonly token: string | undefined;
  readonly records: RawRecords;
}

async function* pointsOf(units: AsyncIterable<Unit>): AsyncGenerator<PositionedRecord, void, undefined> {
  for await (const { ids, token, records } of units) {
    for (const id of ids) {
      const json = records.get(id);
      if (json !== undefined) yield { id, json, position: { of: 'all', token, id } };
    }
  }
}

async function* fetchAhead(
  source: ExportSource,
  after: Position | undefined,
  outer: AbortSignal | undefined,
): AsyncGenerator<Unit, void, undefined> {
  const stop = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  const most = recordsPerRequest(source.info);
  const queue: { readonly unit: Promise<Unit> }[] = [];
  try {
    for await (const { ids, token } of listIds(source, after, signal)) {
      for (const group of groupIds(ids, most)) {
        const unit = fetchUnit(source, group, signal).then((records): Unit => ({ ids: group, token, records }));
        // An error is thrown where the unit is awaited, which may be long after it failed, or never.
        unit.catch(() => undefined);
        queue.push({ unit });
        while (queue.length >= source.parallel) yield await next(queue);
      }
    }
    while (queue.length > 0) yield await next(queue);
  } finally {
    stop.abort();
    await Promise.allSettled(queue.map(async ({ unit }) => unit));
  }
}

async function next(queue: { readonly unit: Promise<Unit> }[]): Promise<Unit> {
  const first = queue.shift();
  if (first === undefined)
    throw new VecportError('provider-error', 'There is nothing to wait for.', { provider: PROVIDER });
  return first.unit;
}

// Reads of Pinecone may see a write at different times: what is listed and not given is asked for again.
async function fetchUnit(source: ExportSource, ids: readonly string[], signal: AbortSignal): Promise<RawRecords> {
  const found = new Map(await fetchRecords(source, ids, signal));
  let missing = ids.filter((id) => !found.has(id));
  for (let delay = 100, waited = 0; missing.length > 0; delay *= 2) {
    missing = await stillListed(source, missing, signal);
    if (missing.length === 0) break;
    if (waited >= source.settleTimeout) throw neverGiven(missing);
    const pause = Math.min(delay, source.settleTimeout - waited);
    await wait(pause, undefined, { signal }).catch(() => {
      signal.throwIfAborted();
    });
    waited += pause;
    for (const [id, json] of await fetchRecords(source, missing, signal)) found.set(id, json);
    missing = missing.filter((id) => !found.has(id));
  }
  return found;
}

async function stillListed(source: ExportSource, ids: readonly string[], signal: AbortSignal): Promise<string[]> {
  const listed: string[] = [];
  for (const id of ids) if (await isListed(source, id, signal)) listed.push(id);
  return listed;
}

function neverGiven(ids: readonly string[]): VecportError {
  const named = ids
    .slice(0, 5)
    .map((id) => `'${id}'`)
    .join(', ');
  return new VecportError(
    'incomplete',
    `Pinecone lists ${ids.length} records that it does not give: ${named}${ids.length > 5 ? ', …' : ''}.`,
    {
      provider: PROVIDER,
      advice: 'Writes may not be settled yet: read on from the last cursor in a while, or raise settleTimeout.',
    },
  );
}
