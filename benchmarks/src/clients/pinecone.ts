import { Pinecone } from '@pinecone-database/pinecone';
import type { Place, PlainExport, ProviderClient } from './client.js';

/** An index as the documentation of Pinecone reads one. The fake is filled in its own process. */
export const pineconeClient: ProviderClient = {
  fill: async () => undefined,
  drop: async () => undefined,
  exports: {
    'official client, list and fetch': async (place) => listAndFetch(place),
  },
};

async function listAndFetch({ settings, collection }: Place): Promise<PlainExport> {
  const client = new Pinecone({ apiKey: settings?.['apiKey'] ?? '', controllerHostUrl: settings?.['host'] ?? '' });
  const index = client.index({ name: collection });
  return {
    write: async (file) => {
      let paginationToken: string | undefined;
      do {
        const page = await index.listPaginated({
          limit: 100,
          ...(paginationToken === undefined ? {} : { paginationToken }),
        });
        const ids = (page.vectors ?? []).flatMap(({ id }) => id ?? []);
        const { records } = await index.fetch({ ids });
        await file.write(Object.values(records));
        paginationToken = page.pagination?.next;
      } while (paginationToken !== undefined);
    },
    close: async () => undefined,
  };
}
