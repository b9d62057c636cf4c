/** What the exit code of `vecport` says. */
export const EXIT_CODES = {
  /** Done; a source that changed while it was read is a warning only. */
  done: 0,
  /** The work could not be done. */
  failed: 1,
  /** The command line is wrong; nothing was begun. */
  usage: 2,
  /** The work ended, and something is missing, refused, damaged or unequal. */
  incomplete: 3,
  /** Interrupted by a signal. */
  interrupted: 130,
} as const;

/** One of {@link EXIT_CODES}. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
