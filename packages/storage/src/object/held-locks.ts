/** The locks that this process holds in one store, so that a lost one stops those who write under it. */
export interface HeldLocks {
  add(lock: HeldLock): void;
  remove(lock: HeldLock): void;
  /**
   * Of all locks in the folder of an object and those above it.
   * @throws StorageError `locked` when one of them was lost.
   */
  assertHeld(key: string): Promise<void>;
}

/** A lock that was taken and not released. */
export interface HeldLock {
  readonly key: string;
  /** @throws StorageError `locked` when somebody else has it by now. */
  assertHeld(): Promise<void>;
}

/** No locks yet. */
export function heldLocks(): HeldLocks {
  const held = new Set<HeldLock>();
  return {
    add: (lock) => void held.add(lock),
    remove: (lock) => void held.delete(lock),
    async assertHeld(key) {
      for (const lock of held) if (key.startsWith(folderOf(lock.key))) await lock.assertHeld();
    },
  };
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}
