import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Make this process give way to others: `niceness` from 0 (as others) to 19. On Linux a priority is that of a thread, so
 * it is set for all there are; those that are started later have it from those. A system that refuses is no error.
 */
export function lowerPriority(niceness: number): void {
  if (niceness === 0) return;
  for (const id of threads()) {
    try {
      setPriority(id, niceness);
    } catch {
      // The thread has ended, or the system does not allow it: the work is done all the same.
    }
  }
}

function threads(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [0];
  }
}
