import type { AdapterDefinition, CollectionDriver } from '@vecport/abstractions';
import { memoryAdapter } from '@vecport/testkit';

/** Why it cannot export. */
export const WRITE_ONLY_REASON = 'It gives points back only by their ids.';

/** An adapter that can do everything but read a whole collection. */
export function writeOnlyAdapter(): AdapterDefinition {
  const memory = memoryAdapter();
  return {
    ...memory,
    name: 'write-only',
    schemes: ['write-only'],
    open: async (settings, options) => {
      const store = await memory.open(settings, options);
      return {
        ...store,
        collection: async (name, call) => {
          const { exportAll: _exportAll, slices: _slices, ...rest } = await store.collection(name, call);
          return { ...rest, absent: { exportAll: WRITE_ONLY_REASON } } satisfies CollectionDriver;
        },
      };
    },
  };
}
