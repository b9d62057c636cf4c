import { readFile } from 'node:fs/promises';

const folder = new URL('../../src/qdrant/recorded/', import.meta.url);

export type RecordedKey = 'none' | 'wrong' | 'right';

export interface RestExchange {
  readonly name: string;
  readonly key?: RecordedKey;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly status: number;
  readonly contentType?: string;
  readonly answer: string;
}

export interface GrpcExchange {
  readonly name: string;
  readonly key?: RecordedKey;
  readonly method: string;
  readonly request: string;
  readonly code: number;
  readonly answer?: string;
  readonly details?: string;
}

export async function restExchanges(): Promise<readonly RestExchange[]> {
  return read<RestExchange>('rest.json');
}

export async function grpcExchanges(): Promise<readonly GrpcExchange[]> {
  return read<GrpcExchange>('grpc.json');
}

async function read<T>(file: string): Promise<readonly T[]> {
  const { exchanges } = JSON.parse(await readFile(new URL(file, folder), 'utf8')) as { exchanges: readonly T[] };
  return exchanges;
}
