import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** A request, whole. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

/** Send a request; resolves with the beginning of its answer. Unlike `fetch`, this makes no copy of the body. */
export async function sendHttp({ method, url, headers, body, agent, signal }: HttpRequest): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const length = body === undefined && method === 'GET' ? {} : { 'content-length': String(body?.byteLength ?? 0) };
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      signal,
      headers: { ...headers, ...length },
      agent,
    });
    sent.once('response', resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The whole text of an answer. */
export async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
