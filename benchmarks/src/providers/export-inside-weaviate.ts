import { setTimeout as wait } from 'node:timers/promises';
import type { Place } from '../clients/client.js';
import { report } from '../report.js';

interface ExportStatus {
  readonly status: string;
  readonly error?: string | undefined;
  readonly shardStatus?: Readonly<Record<string, Readonly<Record<string, { readonly objectsExported?: number }>>>>;
}

/** Seldom enough that asking costs nothing beside the export. */
const POLL_MS = 50;

/** Weaviate's own export to Parquet on the server's disk, asked for and waited for. */
export async function exportInsideWeaviate({ host, ports, collection }: Place, id: string): Promise<void> {
  const base = `http://${host}:${ports['http']}/v1/export/filesystem`;
  await report(async () => {
    await ask(base, { id, include: [collection], file_format: 'parquet' });
    for (;;) {
      const state = await ask(`${base}/${id}`, undefined);
      if (state.status === 'SUCCESS') return { rows: objectsOf(state) };
      if (state.status === 'FAILED' || state.status === 'CANCELED')
        throw new Error(`Weaviate's export ended: ${state.status} ${state.error ?? ''}`);
      await wait(POLL_MS);
    }
  });
}

async function ask(url: string, body: object | undefined): Promise<ExportStatus> {
  const answer = await fetch(
    url,
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} was answered with ${answer.status}: ${text}`);
  return JSON.parse(text) as ExportStatus;
}

function objectsOf({ shardStatus = {} }: ExportStatus): number {
  return Object.values(shardStatus)
    .flatMap((shards) => Object.values(shards))
    .reduce((sum, { objectsExported = 0 }) => sum + objectsExported, 0);
}
