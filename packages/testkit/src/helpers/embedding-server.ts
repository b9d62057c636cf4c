import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request to an {@link EmbeddingServer} asked for. */
export interface EmbeddingRequest {
  readonly model: string;
  readonly input: readonly string[];
  readonly authorization: string | undefined;
}

/** A deterministic service with the HTTP interface of OpenAI's embeddings. */
export interface EmbeddingServer {
  /** What comes before `/embeddings`. */
  readonly url: string;
  readonly requests: readonly EmbeddingRequest[];
  /** What the next requests are answered instead of vectors: a status with headers, or a body. */
  readonly answers: (
    | { readonly status: number; readonly headers?: Record<string, string> }
    | { readonly body: string }
  )[];
  close(): Promise<void>;
}

/** The vector the server gives for a text. */
export function fakeEmbedding(model: string, text: string, dimension: number): Float32Array {
  return Float32Array.from({ length: dimension }, (_, at) => {
    const digest = createHash('sha256').update(`${model}\n${at}\n${text}`).digest();
    return Math.fround(digest.readInt32LE(0) / 2 ** 31);
  });
}

/** Start a server on a free port of this machine. The caller closes it. */
export async function startEmbeddingServer(dimension: number): Promise<EmbeddingServer> {
  const requests: EmbeddingRequest[] = [];
  const answers: EmbeddingServer['answers'] = [];
  const server = createServer((request, response) => {
    void answer(request, response, dimension, requests, answers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    answers,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  dimension: number,
  requests: EmbeddingRequest[],
  answers: EmbeddingServer['answers'],
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { model, input } = JSON.parse(Buffer.concat(chunks).toString()) as EmbeddingRequest;
  requests.push({ model, input, authorization: request.headers.authorization });
  const other = answers.shift();
  if (request.url !== '/v1/embeddings') response.writeHead(404).end();
  else if (other === undefined) {
    // In reverse: the index says which text a vector belongs to.
    const data = input
      .map((text, index) => ({ object: 'embedding', index, embedding: [...fakeEmbedding(model, text, dimension)] }))
      .toReversed();
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ object: 'list', data, model }));
  } else if ('body' in other) response.writeHead(200).end(other.body);
  else response.writeHead(other.status, other.headers).end('{"error":{"message":"no"}}');
}
