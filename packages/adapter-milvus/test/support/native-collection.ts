import { setTimeout as wait } from 'node:timers/promises';
import { type CreateCollectionReq, MilvusClient } from '@zilliz/milvus2-sdk-node';

type Status = { readonly code?: number; readonly error_code?: unknown; readonly reason?: string };

/** The official client, connected, without telemetry. */
export async function officialClient(url: string): Promise<MilvusClient> {
  const client = new MilvusClient({
    // Its usual pings are too many for milvus-lite, which then closes the connection.
    channelOptions: { 'grpc.keepalive_time_ms': 600_000 },
    address: url.replace('milvus://', ''),
    logLevel: 'error',
    telemetry: { enabled: false },
  });
  await client.connectPromise;
  return client;
}

/** Make a collection as other programs do, with FLAT indexes, and load it. */
export async function makeNative(
  client: MilvusClient,
  request: CreateCollectionReq,
  indexes: readonly { readonly field: string; readonly metric: string; readonly type?: string }[],
): Promise<void> {
  const { collection_name } = request;
  check(await client.createCollection(request));
  for (const { field, metric, type = 'FLAT' } of indexes) {
    check(
      await client.createIndex({
        collection_name,
        field_name: field,
        index_type: type,
        metric_type: metric,
        params: {},
      }),
    );
  }
  check(await client.loadCollectionAsync({ collection_name }));
  for (let progress = 0; progress < 100; ) {
    const answer = await client.getLoadingProgress({ collection_name });
    progress = Number(answer.progress);
    if (progress < 100) await wait(20);
  }
}

/** Throw for what the official client only returns. */
export function check(answer: Status | { readonly status: Status }): void {
  const status = 'status' in answer ? answer.status : answer;
  const ok =
    (status.code ?? 0) === 0 &&
    (status.error_code === undefined || status.error_code === 'Success' || status.error_code === 0);
  if (!ok) throw new Error(`Milvus: ${status.reason}`);
}
