import { readFileSync } from 'node:fs';
import { type CollectionLayout, readLayout } from '../../src/layout.js';

interface RestExchange {
  readonly name: string;
  readonly status: number;
  readonly answer: string;
}

interface GrpcExchange {
  readonly name: string;
  readonly request: string;
  readonly code: number;
  readonly answer?: string | null;
  readonly details?: string;
}

/** What a real server of version 1.18.3 answered over REST, the body as bytes. */
export function restAnswer(name: string): Uint8Array {
  return Buffer.from(restExchange(name).answer);
}

/** An exchange over REST. */
export function restExchange(name: string): RestExchange {
  return named(recorded<RestExchange>('rest.json'), name);
}

/** What it answered over gRPC. */
export function grpcAnswer(name: string): Uint8Array {
  return Buffer.from(grpcExchange(name).answer ?? '', 'base64');
}

/** An exchange over gRPC. */
export function grpcExchange(name: string): GrpcExchange {
  return named(recorded<GrpcExchange>('grpc.json'), name);
}

/** The vectors of a recorded collection, from its recorded description. */
export function recordedLayout(collection: string): CollectionLayout {
  const { result } = JSON.parse(restExchange(`describe ${collection}`).answer) as {
    result: { config: { params: { vectors: unknown } } };
  };
  return readLayout(result.config.params);
}

function recorded<T>(file: string): readonly T[] {
  const url = new URL(`../../../testkit/src/qdrant/recorded/${file}`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { exchanges: readonly T[] }).exchanges;
}

function named<T extends { readonly name: string }>(exchanges: readonly T[], name: string): T {
  const found = exchanges.find((exchange) => exchange.name === name);
  if (found === undefined) throw new Error(`nothing was recorded as '${name}'`);
  return found;
}
