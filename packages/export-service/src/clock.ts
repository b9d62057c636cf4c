/** What time it is, and waiting. Tests give one that stands still until it is told to go on. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Call once after some milliseconds, unless the function that is returned is called before. Keeps no process alive. */
  after(milliseconds: number, call: () => void): () => void;
}

/** The longest a timer of Node can wait. */
const MAX_DELAY = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, Math.min(Math.max(0, milliseconds), MAX_DELAY));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
