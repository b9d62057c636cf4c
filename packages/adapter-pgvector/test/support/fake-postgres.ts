import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { TEST_CERTIFICATE, TEST_KEY } from './test-certificate.js';

/** What a fake server answers to a query. */
export type FakeAnswer =
  | { readonly rows: readonly (readonly (string | null)[])[] }
  /** A COPY: its pieces, then `COPY rows`; `cut` ends the connection instead, `silent` sends nothing more. */
  | { readonly copy: readonly Buffer[]; readonly rows: number; readonly end?: 'cut' | 'silent' | undefined }
  | { readonly error: string; readonly message?: string | undefined }
  /** The connection ends. */
  | 'cut'
  /** Nothing is answered. */
  | 'silent';

/** A server that speaks PostgreSQL's protocol and says what a test wants. */
export interface FakePostgres {
  readonly url: string;
  /** The statements received, one a query. */
  readonly queries: readonly string[];
  /** Connections open now. */
  connections(): number;
  close(): Promise<void>;
}

/** Answers a query; `undefined` stands for an empty result. A text of several statements is asked one by one. */
export type FakeHandler = (sql: string) => FakeAnswer | undefined;

/** Start a server, with and without TLS, that lets everybody in, unless `startup` answers the connection itself. */
export async function fakePostgres(
  handler: FakeHandler,
  startup?: () => FakeAnswer | undefined,
): Promise<FakePostgres> {
  const queries: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', (first) => {
      if (isTlsRequest(first)) {
        socket.write('S');
        const secure = new TLSSocket(socket, { isServer: true, cert: TEST_CERTIFICATE, key: TEST_KEY });
        secure.on('error', () => undefined);
        serve(secure, queries, handler, startup);
        return;
      }
      serve(socket, queries, handler, startup);
      socket.emit('data', first);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `pgvector://tester:secret-password@127.0.0.1:${port}/fake`,
    queries,
    connections: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The answers of a server with pgvector and one table `t` (id int primary key, v vector(2)) to all but `COPY`. */
export function plainServer(copy: FakeHandler): FakeHandler {
  return (sql) => {
    const special = copy(sql);
    if (special !== undefined) return special;
    if (sql.includes('server_version_num')) return { rows: [['180004', '18.4', '1700000000', '0.8.5', 'public']] };
    if (sql.includes('pg_backend_pid')) return { rows: [['4711']] };
    if (sql.includes("'halfvec'"))
      return {
        rows: [
          ['vector', '16386'],
          ['halfvec', '16499'],
          ['sparsevec', '16634'],
        ],
      };
    if (sql.includes('json_build_object')) return { rows: [[JSON.stringify(TABLE)]] };
    if (sql.includes('count(*)')) return { rows: [['3']] };
    return undefined;
  };
}

const COLUMN = {
  elementTypeId: '0',
  modifier: -1,
  notNull: false,
  default: null,
  identity: '',
  generated: '',
  collation: null,
  deterministic: true,
};
const TABLE = {
  kind: 'r',
  comment: null,
  rowSecurity: false,
  columns: [
    { ...COLUMN, name: 'id', type: 'integer', typeId: '23', notNull: true },
    { ...COLUMN, name: 'v', type: 'vector(2)', typeId: '16386', modifier: 2 },
  ],
  indexes: [
    {
      name: 't_pkey',
      method: 'btree',
      definition: '',
      isPrimary: true,
      isKey: true,
      columns: ['id'],
      operatorClass: 'int4_ops',
      options: null,
    },
  ],
  constraints: [],
};

/** The header of COPY's binary format. */
export const COPY_HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
/** Its trailer. */
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);

/** A row of COPY's binary format. */
export function copyRow(...fields: readonly (Buffer | string | undefined)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(fields.length);
  const parts = fields.flatMap((field) => {
    const bytes = typeof field === 'string' ? Buffer.from(field) : field;
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes?.length ?? -1);
    return [length, bytes ?? Buffer.alloc(0)];
  });
  return Buffer.concat([count, ...parts]);
}

/** A dense vector in its binary format. */
export function vectorBytes(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + values.length * 4);
  bytes.writeInt16BE(values.length);
  values.forEach((value, at) => {
    bytes.writeFloatBE(value, 4 + at * 4);
  });
  return bytes;
}

function isTlsRequest(bytes: Buffer): boolean {
  return bytes.length === 8 && bytes.readInt32BE(4) === 80_877_103;
}

function serve(
  socket: Socket,
  queries: string[],
  handler: FakeHandler,
  startup: (() => FakeAnswer | undefined) | undefined,
): void {
  let input = Buffer.alloc(0);
  let isStarted = false;
  socket.on('data', (data) => {
    input = Buffer.concat([input, data]);
    for (;;) {
      const head = isStarted ? 1 : 0;
      if (input.length < head + 4) return;
      const length = input.readInt32BE(head) + head;
      if (input.length < length) return;
      const message = input.subarray(0, length);
      input = input.subarray(length);
      if (!isStarted) {
        isStarted = true;
        start(socket, startup?.());
      } else receive(socket, message, queries, handler);
    }
  });
}

function start(socket: Socket, answer: FakeAnswer | undefined): void {
  if (answer !== undefined) {
    send(socket, answer);
    return;
  }
  const ok = Buffer.alloc(4);
  const key = Buffer.alloc(8);
  socket.write(Buffer.concat([message('R', ok), message('K', key), READY]));
}

let parsed = '';

function receive(socket: Socket, bytes: Buffer, queries: string[], handler: FakeHandler): void {
  const kind = String.fromCharCode(bytes[0] ?? 0);
  const text = bytes.toString('utf8', 5).split('\0');
  if (kind === 'X') socket.end();
  if (kind === 'P') parsed = text[1] ?? '';
  if (kind === 'Q') answerAll(socket, splitStatements(text[0] ?? ''), queries, handler);
  if (kind === 'S') answerAll(socket, [parsed], queries, handler);
}

function answerAll(socket: Socket, statements: readonly string[], queries: string[], handler: FakeHandler): void {
  for (const statement of statements) {
    queries.push(statement);
    const answer = handler(statement) ?? { rows: [] };
    if (!send(socket, answer)) return;
    if (typeof answer === 'object' && 'error' in answer) break;
  }
  socket.write(READY);
}

// None of the statements the adapter joins holds a semicolon of its own.
function splitStatements(sql: string): readonly string[] {
  return sql.startsWith('BEGIN') ? sql.split('; ') : [sql];
}

/** Whether the connection goes on. */
function send(socket: Socket, answer: FakeAnswer): boolean {
  if (answer === 'silent') return false;
  if (answer === 'cut') {
    socket.destroy();
    return false;
  }
  if ('error' in answer) {
    const fields = [`SERROR`, 'VERROR', `C${answer.error}`, `M${answer.message ?? 'made up'}`, ''];
    socket.write(message('E', Buffer.from(`${fields.join('\0')}\0`)));
    return true;
  }
  if ('copy' in answer) return sendCopy(socket, answer);
  const width = answer.rows[0]?.length ?? 0;
  socket.write(
    Buffer.concat([rowDescription(width), ...answer.rows.map(dataRow), message('C', Buffer.from('SELECT\0'))]),
  );
  return true;
}

function sendCopy(socket: Socket, { copy, rows, end }: Extract<FakeAnswer, { copy: unknown }>): boolean {
  socket.write(
    Buffer.concat([message('H', Buffer.from([1, 0, 0])), ...copy.map((piece) => message('d', piece))]),
    () => {
      if (end === 'cut') socket.resetAndDestroy();
    },
  );
  if (end !== undefined) return false;
  socket.write(Buffer.concat([message('c', Buffer.alloc(0)), message('C', Buffer.from(`COPY ${rows}\0`))]));
  return true;
}

function rowDescription(width: number): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(width);
  const field = Buffer.concat([Buffer.from('c\0'), Buffer.alloc(18)]);
  return message('T', Buffer.concat([count, ...Array.from({ length: width }, () => field)]));
}

function dataRow(values: readonly (string | null)[]): Buffer {
  return message('D', copyRow(...values.map((value) => value ?? undefined)));
}

function message(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(kind, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const READY = message('Z', Buffer.from('I'));
