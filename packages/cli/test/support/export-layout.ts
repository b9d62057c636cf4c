import type { OtherLayout } from '@vecport/dataset';
import { localStorage, type Storage } from '@vecport/storage';
import { exportDataset } from '@vecport/transfer';
import { withStore } from './seed-store.js';

/*
 * Exports the collection `Things` of a LanceDB store in a layout. At the n-th step of a kind that belongs to the joining
 * of its parts it says so and waits to be killed; a part is read, and removed, only then.
 */
const [store = '', folder = '', layout = '', at = '', count = '0'] = process.argv.slice(2);

await withStore(store, async (opened) => {
  const repository = await opened.repository('Things');
  await exportDataset({
    repositories: [repository],
    source: { provider: repository.provider },
    storage: waiting(localStorage(folder)),
    id: 'layout',
    tool: { name: 'test', version: '0' },
    layout: layout as OtherLayout,
    partRows: 100,
    resume: true,
  });
});
console.log('done');

function waiting(storage: Storage): Storage {
  let left = Number(count);
  const step = async (kind: string, path: string): Promise<void> => {
    if (kind !== at || !path.endsWith('.parquet')) return;
    left--;
    if (left >= 0) return;
    console.log('kill me');
    await new Promise((resolve) => setInterval(resolve, 2 ** 30));
  };
  return {
    ...storage,
    read: async (path, range, options) => {
      await step('read', path);
      return storage.read(path, range, options);
    },
    delete: async (path, options) => {
      await step('delete', path);
      await storage.delete(path, options);
    },
  };
}
