import { type ContentDigest, createDigest } from '@vecport/dataset';
import type { TransferSink } from './transfer-sink.js';

/** Keeps nothing of the points but their digest. */
export function digestSink(): TransferSink<ContentDigest> {
  return {
    open: async () => {
      const digest = createDigest();
      return {
        write: async (batch) => digest.add(batch),
        commit: async () => digest.value(),
        abort: async () => {},
      };
    },
  };
}
