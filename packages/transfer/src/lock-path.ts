/** The lock file that keeps two runs off one dataset. */
export const LOCK_PATH = '.vecport.lock';
