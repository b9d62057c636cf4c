import { isVecportError } from '@vecport/abstractions';
import { GRPC_STATUS, GrpcError, openGrpcChannel, ProtoReader, ProtoWriter, retryRead } from '@vecport/wire';
import type { CallConfig, MilvusConfig } from './config.js';
import { statusError, toVecportError } from './errors.js';
import { type SdkClient, sdkTransport } from './sdk-transport.js';
import { type ServerInfo, serverInfo } from './server-kind.js';
import { isOk, readStatus } from './status.js';
import type { MilvusCallOptions, Transport } from './transport.js';

const SERVICE = '/milvus.proto.milvus.MilvusService/';
/** A server that does not answer this soon when it is opened counts as unreachable. */
const OPEN_TIMEOUT_MS = 5000;

/** An open connection to a server. */
export interface MilvusClient {
  readonly server: ServerInfo;
  readonly config: CallConfig;
  /**
   * Call a method. @returns the answer, whose status was checked.
   * @throws VecportError for what the status or gRPC says.
   */
  call(method: string, message: ProtoWriter, options: MilvusCallOptions): Promise<Uint8Array>;
  /** The same for a call that may be repeated: it is, when the error may go away by itself. */
  read(method: string, message: ProtoWriter, options: MilvusCallOptions): Promise<Uint8Array>;
  close(): void;
}

/**
 * Connect, which asks the server for its version.
 * @throws VecportError `unavailable` within seconds when nothing answers, `unauthorized` for a wrong token.
 */
export async function connect(config: MilvusConfig, signal: AbortSignal | undefined): Promise<MilvusClient> {
  const { host, port, token, database } = config;
  const channel = openGrpcChannel({
    host,
    port,
    tls: config.tls && config.ca !== undefined ? { ca: config.ca } : config.tls,
    metadata: {
      ...(token === undefined ? {} : { authorization: Buffer.from(token).toString('base64') }),
      ...(database === undefined ? {} : { dbname: database }),
    },
  });
  return open(channel, config, signal);
}

/** Use the official client (`MilvusClient` of `@zilliz/milvus2-sdk-node`): its connection, its credentials. It is never closed here. */
export async function useSdk(sdk: SdkClient, config: CallConfig, signal?: AbortSignal): Promise<MilvusClient> {
  return open(sdkTransport(sdk), config, signal);
}

async function open(transport: Transport, config: CallConfig, signal: AbortSignal | undefined): Promise<MilvusClient> {
  try {
    const server = serverInfo(await askVersion(transport, config, signal));
    return createClient(transport, server, config);
  } catch (error) {
    transport.close();
    throw error;
  }
}

function createClient(transport: Transport, server: ServerInfo, config: CallConfig): MilvusClient {
  const call: MilvusClient['call'] = async (method, message, { signal, timeoutMs = config.timeoutMs }) => {
    const answer = await send(transport, method, message.finish(), { signal, timeoutMs });
    checkStatus(method, answer, server.kind === 'lite-3');
    return answer;
  };
  return {
    server,
    config,
    call,
    read: async (method, message, options) =>
      retryRead(async () => call(method, message, options), { signal: options.signal }),
    close: () => transport.close(),
  };
}

async function send(
  transport: Transport,
  method: string,
  message: Uint8Array,
  options: MilvusCallOptions,
): Promise<Uint8Array> {
  try {
    return await transport.unary(SERVICE + method, message, options);
  } catch (error) {
    throw toVecportError(error);
  }
}

/** The version, or `undefined` from a server that does not know the question. */
async function askVersion(
  transport: Transport,
  { timeoutMs }: CallConfig,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const options = { signal, timeoutMs: Math.min(timeoutMs, OPEN_TIMEOUT_MS) };
  try {
    const reader = new ProtoReader(await transport.unary(`${SERVICE}GetVersion`, new Uint8Array(0), options));
    let version = '';
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) assertOk(reader);
      else if (field === 2) version = reader.text();
      else reader.skip();
    }
    return version;
  } catch (error) {
    if (!(error instanceof GrpcError) || error.grpcCode !== GRPC_STATUS.UNIMPLEMENTED) throw unreachable(error);
  }
  // Milvus-lite 2 knows Connect only; a server of something else does not know that either.
  await send(transport, 'Connect', new ProtoWriter().finish(), options);
  return undefined;
}

function assertOk(reader: ProtoReader): void {
  const status = readStatus(reader);
  if (!isOk(status)) throw statusError(status, false);
}

// Nothing came of the first call: whatever took too long, the server is not there.
function unreachable(error: unknown): unknown {
  if (error instanceof GrpcError && error.grpcCode === GRPC_STATUS.DEADLINE_EXCEEDED) {
    return toVecportError(new GrpcError(GRPC_STATUS.UNAVAILABLE, error.details, { cause: error }));
  }
  return isVecportError(error) ? error : toVecportError(error);
}

// Answers are a Status, or have one as their first field. A Status begins with an enum or a text, never with a message.
function checkStatus(method: string, answer: Uint8Array, lite: boolean): void {
  const bare = BARE_STATUS.has(method);
  const reader = new ProtoReader(bare ? wrapped(answer) : answer);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const status = readStatus(reader);
    if (!isOk(status)) throw statusError(status, lite);
    return;
  }
}

const BARE_STATUS: ReadonlySet<string> = new Set([
  'CreateCollection',
  'DropCollection',
  'CreateIndex',
  'LoadCollection',
  'CreatePartition',
]);

function wrapped(status: Uint8Array): Uint8Array {
  return new ProtoWriter(status.length + 16).data(1, status).finish();
}
