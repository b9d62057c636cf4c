import { redactUrl, VecportError } from '@vecport/abstractions';
import type { Dispatch } from '@vecport/transfer';
import type { AppSettings } from '../settings.js';

/** Has workers read a collection into the dataset in a folder, which all of them must see. Notes are sentences. */
export type GiveExport = (folder: string, onNote: (note: string) => void) => Dispatch;

/** Gives the exports of the dashboard to the cluster, where there is one. */
export function exportsByCluster({ cluster, store }: Pick<AppSettings, 'cluster' | 'store'>): GiveExport | undefined {
  if (cluster === undefined) return undefined;
  return (folder, onNote) => async (work) => {
    if (redactUrl(store) !== store) {
      throw new VecportError('invalid-argument', 'VECPORT_STORE holds a secret, which would go through the queue.', {
        advice: 'Leave it out, and set it under the name the adapter documents, here and for all workers.',
      });
    }
    const { dispatchToCluster } = await import('@vecport/cluster');
    const job = { kind: 'export' as const, source: store, dataset: folder };
    await dispatchToCluster({ cluster, work: job, from: store, to: folder, onNote })(work);
  };
}
