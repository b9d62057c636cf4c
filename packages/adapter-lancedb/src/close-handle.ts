import { setTimeout as delay } from 'node:timers/promises';

/** How long calls that were given up may take to end. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 10;

/**
 * Close a table or connection of LanceDB, which cannot be closed while a call is at work on it, also one that nobody
 * waits for any more: waits for it.
 */
export async function closeHandle(handle: { close(): void }): Promise<void> {
  for (const since = performance.now(); ; await delay(LOOK_MS)) {
    try {
      handle.close();
      return;
    } catch (error) {
      const busy = /borrowed/.test(String(error));
      if (!busy || performance.now() - since > PATIENCE_MS) throw error;
    }
  }
}
