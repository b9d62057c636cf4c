import { VecportError } from '@vecport/abstractions';
import { z } from 'zod';

const exportAnswer = z.object({ exported: z.int(), skipped: z.int(), message: z.string() });
const similarAnswer = z.object({
  item: z.object({ emoji: z.string(), label: z.string() }),
  similar: z.array(z.object({ item: z.object({ emoji: z.string(), label: z.string() }), score: z.number() })),
});
const problemAnswer = z.object({ detail: z.string() });

/** What the export into the cache answers. */
export type CacheExportAnswer = z.infer<typeof exportAnswer>;
/** What is near an item, as the application answers it. */
export type SimilarAnswer = z.infer<typeof similarAnswer>;

/** The application as its own client, over HTTP. A refusal is thrown with the reason the server gave. */
export interface AdminClient {
  exportToCache(): Promise<CacheExportAnswer>;
  similar(id: string, k: number): Promise<SimilarAnswer>;
}

/** A client of the application at `url`, which is signed in by `cookie` where it has to. */
export function createAdminClient(url: string, cookie: string | undefined, signal: AbortSignal): AdminClient {
  const ask = async (method: string, path: string): Promise<unknown> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { accept: 'application/json', ...(cookie && { cookie }) },
      signal,
    });
    const body: unknown = await response.json();
    if (response.ok) return body;
    const { data } = problemAnswer.safeParse(body);
    throw new VecportError(
      'provider-error',
      `${method} ${path} was answered with ${response.status}. ${data?.detail ?? ''}`.trim(),
    );
  };
  return {
    exportToCache: async () => exportAnswer.parse(await ask('POST', '/admin/cache/embeddings/export')),
    similar: async (id, k) =>
      similarAnswer.parse(await ask('GET', `/api/items/${encodeURIComponent(id)}/similar?k=${k}`)),
  };
}
