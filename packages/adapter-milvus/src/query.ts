import { isVecportError } from '@vecport/abstractions';
import { ProtoReader, ProtoWriter } from '@vecport/wire';
import type { MilvusClient } from './client.js';
import { lyingAnswer } from './errors.js';
import { memberReader, readFieldData } from './field-data.js';
import { writeKeyValues } from './key-values.js';
import type { MilvusCallOptions } from './transport.js';

/** A collection, or one partition of it. */
export interface Place {
  readonly collection: string;
  readonly partition: string | undefined;
}

/** A query. */
export interface QueryRequest extends Place {
  /** Empty for everything. */
  readonly expression: string;
  readonly outputFields: readonly string[];
  readonly limit?: number | undefined;
  /** Give the first rows in the order of the primary key, and rather too few than not the first. */
  readonly inKeyOrder?: boolean | undefined;
  /** See the collection as it was then, or later; 0 for now. See {@link readTimestamp}. */
  readonly timestamp?: bigint | undefined;
}

/** Consistency levels: a read sees every write that was answered before it, or before the time it names. */
const STRONG = 0;
const CUSTOMIZED = 4;

/**
 * The server's time, for several reads that need to see what was written before the first of them: reads of the present
 * wait for the server's next tick, each about 200 ms. 0 from servers that do not tell it, and do not wait.
 */
export async function readTimestamp(client: MilvusClient, options: MilvusCallOptions): Promise<bigint> {
  if (client.server.kind !== 'milvus') return 0n;
  try {
    const reader = new ProtoReader(await client.read('AllocTimestamp', new ProtoWriter(), options));
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 2) return reader.uint64();
      reader.skip();
    }
    return 0n;
  } catch (error) {
    if (isVecportError(error) && (error.code === 'not-supported' || error.code === 'forbidden')) return 0n;
    throw error;
  }
}

/** Ask for rows. @returns a `QueryResults`. */
export async function query(
  client: MilvusClient,
  request: QueryRequest,
  options: MilvusCallOptions,
): Promise<Uint8Array> {
  const { collection, partition, expression, outputFields, limit, inKeyOrder = false, timestamp = 0n } = request;
  const message = new ProtoWriter(expression.length + 512).text(3, collection).text(4, expression);
  for (const field of outputFields) message.text(5, field);
  if (partition !== undefined) message.text(6, partition);
  if (timestamp !== 0n) message.uint64(8, timestamp);
  writeKeyValues(message, 9, {
    ...(limit === undefined ? {} : { limit: String(limit) }),
    ...(inKeyOrder ? { iterator: 'True', reduce_stop_for_best: 'True' } : {}),
  });
  return client.read('Query', message.varint(11, timestamp === 0n ? STRONG : CUSTOMIZED).bool(12, false), options);
}

/** Count rows: exactly, but for keys that were inserted twice, which count twice. */
export async function countRows(
  client: MilvusClient,
  place: Place,
  expression: string,
  options: MilvusCallOptions & { readonly timestamp?: bigint | undefined },
): Promise<number> {
  const request = { ...place, expression, outputFields: ['count(*)'], timestamp: options.timestamp };
  const answer = await query(client, request, options);
  const reader = new ProtoReader(answer);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 2) {
      reader.skip();
      continue;
    }
    const longs = memberReader(readFieldData(reader).scalars, 3);
    if (longs === undefined || longs.next() !== 1) break;
    if (longs.wireType === 2) longs.enter();
    return Number(longs.int64());
  }
  throw lyingAnswer(`Milvus answered a count of '${place.collection}' without a number.`);
}
