import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { ProtoReader, ProtoWriter } from '@vecport/wire';

/** A query as the fake reads it. */
interface FakeQuery {
  readonly expression: string;
  readonly limit: number;
  readonly counts: boolean;
  /** How many queries came before it, counts left out. */
  readonly number: number;
}

/** What a call ends with instead of an answer. */
type Failure =
  | { readonly status: number; readonly reason: string; readonly retriable?: boolean }
  | { readonly grpc: number; readonly details: string; readonly pushbackMs?: number }
  | 'cut'
  | 'truncated'
  | 'never';

/** What the fake says to a query: identifiers, a number for a count, or a failure; `undefined` for the truth. */
export type Say = (query: FakeQuery) => readonly string[] | number | Failure | undefined;

/** A server of one collection with Int64 or VarChar keys, which answers queries as it is told. */
export interface FakeMilvus {
  readonly url: string;
  /** Names of the methods that were called, in order. */
  readonly calls: readonly string[];
  /** The keys it has, in order; may be changed. */
  keys: string[];
  /** How it answers queries from now on. */
  say: Say;
  /** How it answers writes: a failure, or nothing for success. */
  refuse: (keys: readonly string[]) => Failure | undefined;
  close(): Promise<void>;
}

const DIMENSION = 2;
const MARKER = '{"vecport":1,"idKinds":["string"],"vectors":{"default":"vector"}}';

/** Start a fake on a free port of loopback. */
export async function startFakeMilvus(
  keys: readonly string[],
  { keyType = 'int64', version = 'v2.5.4' }: { readonly keyType?: 'int64' | 'varchar'; readonly version?: string } = {},
): Promise<FakeMilvus> {
  const calls: string[] = [];
  let queries = 0;
  const server = http2.createServer();
  const fake: { keys: string[]; say: Say; refuse: FakeMilvus['refuse'] } = {
    keys: [...keys],
    say: () => undefined,
    refuse: () => undefined,
  };
  const answer = (method: string, message: Uint8Array): Uint8Array | Failure => {
    calls.push(method);
    switch (method) {
      case 'GetVersion':
        return ok().text(2, version).finish();
      case 'DescribeCollection':
        return ok().data(2, schema(keyType)).varint(8, 1).finish();
      case 'DescribeIndex':
        return ok().message(2, writeIndex).finish();
      case 'ShowPartitions':
        return ok().text(2, '_default').finish();
      case 'GetLoadingProgress':
        return ok().varint(2, 100).finish();
      case 'AllocTimestamp':
        return ok().uint64(2, 470_000_000_000_000_000n).finish();
      case 'Upsert': {
        const written = writtenKeys(message, keyType);
        const failure = fake.refuse(written);
        if (failure !== undefined) return isStatus(failure) ? failed(failure) : failure;
        fake.keys = [...new Set([...fake.keys, ...written])];
        return ok().finish();
      }
      case 'Query': {
        const query = readQuery(message, queries);
        if (!query.counts) queries++;
        const said = fake.say(query) ?? truth(fake.keys, query);
        if (typeof said === 'number') return countAnswer(said);
        if (Array.isArray(said)) return rowsAnswer(said as readonly string[], keyType);
        const failure = said as Failure;
        return isStatus(failure) ? failed(failure) : failure;
      }
      default:
        return { grpc: 12, details: `unknown method ${method}` };
    }
  };
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const method = String(headers[':path']).split('/').at(-1) ?? '';
      respond(stream, answer(method, Buffer.concat(chunks).subarray(5)));
    });
  });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    url: `milvus://127.0.0.1:${port}`,
    calls,
    close: async () => {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  });
}

function respond(stream: http2.ServerHttp2Stream, answer: Uint8Array | Failure): void {
  if (answer === 'never') return;
  if (answer === 'cut') {
    stream.session?.destroy();
    return;
  }
  const header = { ':status': 200, 'content-type': 'application/grpc' };
  if (answer === 'truncated') {
    stream.respond(header);
    stream.write(Buffer.from([0, 0, 0, 1, 0, 1, 2, 3]));
    stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    return;
  }
  if (!(answer instanceof Uint8Array)) {
    const { grpc, details, pushbackMs } = answer as { grpc: number; details: string; pushbackMs?: number };
    const pushback = pushbackMs === undefined ? {} : { 'grpc-retry-pushback-ms': String(pushbackMs) };
    stream.respond(
      { ...header, ...pushback, 'grpc-status': String(grpc), 'grpc-message': details },
      { endStream: true },
    );
    return;
  }
  stream.respond(header, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const frame = Buffer.alloc(5 + answer.length);
  frame.writeUInt32BE(answer.length, 1);
  frame.set(answer, 5);
  stream.end(frame);
}

function ok(): ProtoWriter {
  return new ProtoWriter().message(1, () => undefined);
}

function isStatus(failure: Failure): failure is Extract<Failure, { readonly status: number }> {
  return typeof failure === 'object' && 'status' in failure;
}

function failed({ status, reason, retriable = false }: Extract<Failure, { readonly status: number }>): Uint8Array {
  return new ProtoWriter()
    .message(1, (inner) => inner.varint(1, 1).text(2, reason).varint(3, status).bool(4, retriable))
    .finish();
}

// Keys of the tests are told apart as doubles, the largest 64-bit integer too.
function truth(keys: readonly string[], { expression, limit, counts }: FakeQuery): readonly string[] | number {
  const isNumber = keys.every((key) => /^-?\d+$/.test(key));
  const readKey = (key: string): string | number => (isNumber ? Number(key) : key);
  const bound = (operator: string): string | number | undefined => {
    const found = new RegExp(`id ${operator} ("(?:[^"\\\\]|\\\\.)*"|-?\\d+)`).exec(expression)?.[1];
    if (found === undefined) return undefined;
    return found.startsWith('"') ? (JSON.parse(found) as string) : Number(found);
  };
  const [after, upTo, list] = [bound('>'), bound('<='), /id in \[([^\]]*)\]/.exec(expression)?.[1]];
  const wanted = list === undefined ? undefined : new Set(list.split(',').map((key) => key.replaceAll('"', '')));
  const found = keys.filter((key) => {
    const value = readKey(key);
    return (
      (after === undefined || value > after) && (upTo === undefined || value <= upTo) && wanted?.has(key) !== false
    );
  });
  if (counts) return found.length;
  const compare = (a: string, b: string): number => (readKey(a) < readKey(b) ? -1 : 1);
  return [...new Set(found)].sort(compare).slice(0, limit);
}

function schema(keyType: 'int64' | 'varchar'): Uint8Array {
  return new ProtoWriter()
    .text(2, keyType === 'int64' ? MARKER.replace('string', 'i64') : MARKER)
    .message(4, (field) => {
      field
        .text(2, 'id')
        .bool(3, true)
        .varint(5, keyType === 'int64' ? 5 : 21);
      if (keyType === 'varchar') field.message(6, (pair) => pair.text(1, 'max_length').text(2, '65535'));
    })
    .message(4, (field) =>
      field
        .text(2, 'vector')
        .varint(5, 101)
        .message(6, (pair) => pair.text(1, 'dim').text(2, String(DIMENSION))),
    )
    .bool(5, true)
    .finish();
}

function writeIndex(writer: ProtoWriter): void {
  writer.text(1, 'vector').message(3, (pair) => pair.text(1, 'index_type').text(2, 'FLAT'));
  writer.message(3, (pair) => pair.text(1, 'metric_type').text(2, 'L2')).text(4, 'vector');
}

function readQuery(message: Uint8Array, number: number): FakeQuery {
  const reader = new ProtoReader(message);
  let [expression, limit, counts] = ['', Number.POSITIVE_INFINITY, false];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 4) expression = reader.text();
    else if (field === 5) counts ||= reader.text() === 'count(*)';
    else if (field === 9) {
      const outer = reader.enter();
      let key = '';
      for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
        const text = reader.text();
        if (inner === 1) key = text;
        else if (key === 'limit') limit = Number(text);
      }
      reader.leave(outer);
    } else reader.skip();
  }
  return { expression, limit, counts, number };
}

function countAnswer(rows: number): Uint8Array {
  return ok()
    .message(2, (field) => {
      field.varint(1, 5).text(2, 'count(*)');
      field.message(3, (scalars) => scalars.message(3, (list) => list.int64(1, BigInt(rows))));
    })
    .finish();
}

/** A `QueryResults` of these keys, each with a vector and metadata. */
export function rowsAnswer(keys: readonly string[], keyType: 'int64' | 'varchar'): Uint8Array {
  const writer = ok();
  writer.message(2, (field) => {
    field.varint(1, keyType === 'int64' ? 5 : 21).text(2, 'id');
    field.message(3, (scalars) =>
      scalars.message(keyType === 'int64' ? 3 : 6, (list) => {
        for (const key of keys) {
          if (keyType === 'int64') list.int64(1, BigInt(key));
          else list.text(1, key);
        }
      }),
    );
  });
  writer.message(2, (field) => {
    field.varint(1, 101).text(2, 'vector');
    field.message(4, (vectors) =>
      vectors.varint(1, DIMENSION).message(2, (floats) =>
        floats.floats(
          1,
          Float32Array.from({ length: keys.length * DIMENSION }, (_, i) => i),
        ),
      ),
    );
  });
  writer.message(2, (field) => {
    field.varint(1, 23).text(2, '$meta').bool(6, true);
    field.message(3, (scalars) =>
      scalars.message(9, (list) => {
        for (const key of keys) list.data(1, Buffer.from(JSON.stringify({ key })));
      }),
    );
  });
  return writer.finish();
}

function writtenKeys(message: Uint8Array, keyType: 'int64' | 'varchar'): string[] {
  const reader = new ProtoReader(message);
  const keys: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 5) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    let name = '';
    for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
      if (inner === 2) name = reader.text();
      else if (inner === 3 && name === 'id') {
        const scalars = reader.enter();
        reader.next();
        const list = reader.enter();
        while (reader.next() !== 0) keys.push(keyType === 'int64' ? String(reader.int64()) : reader.text());
        reader.leave(list);
        reader.leave(scalars);
      } else reader.skip();
    }
    reader.leave(outer);
  }
  return keys;
}
