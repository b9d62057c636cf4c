import { isVecportError } from '@vecport/abstractions';
import type { Elastic } from './client.js';
import { pathOf } from './client.js';
import { brokenAnswer } from './errors.js';

/**
 * Open a point in time: what is searched in it stays as it is now, until it is closed or nobody reads it for the
 * time that the setting `keepAlive` says. `undefined` where the server, or what stands before it, has none.
 */
export async function openPointInTime(
  elastic: Elastic,
  index: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const bytes = await elastic.read({
      method: 'POST',
      path: `${pathOf(index)}/_pit`,
      query: { keep_alive: elastic.config.keepAlive },
      signal,
    });
    const { id } = JSON.parse(bytes.toString()) as { id?: unknown };
    if (typeof id === 'string' && id !== '') return id;
    throw brokenAnswer('The server opened a point in time and did not name it.');
  } catch (error) {
    if (isVecportError(error) && hasNoPointInTime(error)) return undefined;
    throw error;
  }
}

/** Close a point in time. Not an error when it is gone, or cannot be closed: it expires by itself. */
export async function closePointInTime(elastic: Elastic, id: string): Promise<void> {
  await elastic.send({ method: 'DELETE', path: '/_pit', body: JSON.stringify({ id }) }).catch(() => undefined);
}

// A server without it takes `_pit` for the name of something else; a proxy or a role may forbid it alone.
function hasNoPointInTime({ cause, code }: { readonly cause?: unknown; readonly code: string }): boolean {
  const { status, body } = (cause ?? {}) as { readonly status?: number; readonly body?: string };
  if (code === 'forbidden') return /open_point_in_time/.test(body ?? '');
  return status === 405 || (status === 400 && /no handler found|unknown setting|mapping type/.test(body ?? ''));
}
