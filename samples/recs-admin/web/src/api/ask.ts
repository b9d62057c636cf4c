/** A request that was refused, in the server's words. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a request is besides its path. */
export interface Asking {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/**
 * Ask the server for JSON.
 * @throws Refusal with the server's reason, or with status 0 when it cannot be reached.
 */
export async function ask<T>(path: string, { method = 'GET', body, signal }: Asking = {}): Promise<T> {
  const response = await send(path, {
    method,
    headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  const detail = typeof answer === 'object' && answer !== null && 'detail' in answer ? String(answer.detail) : '';
  throw new Refusal(response.status, detail || `The server answered ${response.status}.`);
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Refusal(0, 'The server cannot be reached. Is it running? It is asked again when you retry.');
  }
}
