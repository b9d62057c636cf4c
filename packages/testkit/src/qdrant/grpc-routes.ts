import { ProtoWriter } from '@vecport/wire';
import type { Database } from './database.js';
import { COLLECTION_ROUTES } from './grpc-collections.js';
import { READ_ROUTES } from './grpc-reads.js';
import { WRITE_ROUTES } from './grpc-writes.js';
import type { AlterPage } from './rest-reads.js';
import { notInFake } from './server-error.js';
import { SERVER_COMMIT, SERVER_TITLE, SERVER_VERSION } from './server-version.js';

/** A gRPC request that came in whole. */
export interface GrpcCall {
  readonly database: Database;
  readonly message: Uint8Array;
  readonly alterPage: AlterPage;
  /** When it began, by `performance.now()`. */
  readonly started: number;
}

/** Answers a call with a protobuf message. */
export type GrpcRoute = (call: GrpcCall) => Uint8Array;

const SERVICES: Readonly<Record<string, Readonly<Record<string, GrpcRoute>>>> = {
  'qdrant.Qdrant': { HealthCheck: healthCheck },
  'grpc.health.v1.Health': { Check: () => new ProtoWriter().varint(1, 1).finish() },
  'qdrant.Collections': COLLECTION_ROUTES,
  'qdrant.Points': { ...READ_ROUTES, ...WRITE_ROUTES },
};

/** The answer to a call of `path`. @throws Refusal with code 12 where the fake has no such call. */
export function answerGrpc(database: Database, path: string, message: Uint8Array, alterPage: AlterPage): Uint8Array {
  const [, service = '', method = ''] = path.split('/');
  const route = SERVICES[service]?.[method];
  if (route === undefined) throw notInFake(`call ${path}`);
  return route({ database, message, alterPage, started: performance.now() });
}

function healthCheck(): Uint8Array {
  return new ProtoWriter().text(1, SERVER_TITLE).text(2, SERVER_VERSION).text(3, SERVER_COMMIT).finish();
}
