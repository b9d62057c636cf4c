import { GRPC_STATUS, GrpcError } from '@vecport/wire';
import { invalidArgument } from './errors.js';
import type { Transport } from './transport.js';

/** What is used of the gRPC client inside the official client. */
interface GrpcJsClient {
  makeUnaryRequest(
    path: string,
    serialize: (message: Buffer) => Buffer,
    deserialize: (bytes: Buffer) => Buffer,
    message: Buffer,
    options: { readonly deadline?: Date },
    callback: (error: GrpcJsError | null, answer?: unknown) => void,
  ): { cancel(): void };
}

interface GrpcJsError extends Error {
  readonly code?: number;
  readonly details?: string;
}

/** What is used of the official client: its connection, to send bytes over. */
export interface SdkClient {
  readonly connectPromise?: Promise<unknown> | undefined;
  readonly channelPool: {
    acquire(): PromiseLike<unknown>;
    release(client: never): PromiseLike<void>;
  };
}

/** Calls over the connection of the official client, which is not closed. */
export function sdkTransport(sdk: SdkClient): Transport {
  if (typeof (sdk as Partial<SdkClient> | null)?.channelPool?.acquire !== 'function') {
    throw invalidArgument('The client is not a MilvusClient of @zilliz/milvus2-sdk-node.');
  }
  return {
    unary: async (path, message, { signal, timeoutMs }) => {
      signal?.throwIfAborted();
      await sdk.connectPromise;
      const client = await sdk.channelPool.acquire();
      try {
        return await unary(client as GrpcJsClient, path, message, signal, timeoutMs);
      } finally {
        await sdk.channelPool.release(client as never);
      }
    },
    close: () => undefined,
  };
}

async function unary(
  client: GrpcJsClient,
  path: string,
  message: Uint8Array,
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const same = (bytes: Buffer): Buffer => bytes;
  const options = timeoutMs === undefined ? {} : { deadline: new Date(Date.now() + timeoutMs) };
  const call = client.makeUnaryRequest(path, same, same, Buffer.from(message), options, (error, answer) => {
    // The official client makes an empty object of a method that the server does not know.
    if (error === null && answer instanceof Uint8Array) resolve(answer);
    else if (error === null) reject(new GrpcError(GRPC_STATUS.UNIMPLEMENTED, `The server does not know ${path}.`));
    else reject(new GrpcError(error.code ?? GRPC_STATUS.UNKNOWN, error.details ?? error.message, { cause: error }));
  });
  const onAbort = (): void => {
    reject(signal?.reason);
    call.cancel();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
