import { closeSync, openSync, writeSync } from 'node:fs';
import { ProblemError } from '../problems/problem-error.js';
import type { Audit } from './audit.js';

/** An audit log in a file that only its owner may read. */
export interface AuditFile {
  /**
   * Every decision is in the file before it has an effect.
   * @throws ProblemError `busy` when it cannot be written, as on a full disk: then nothing is done.
   */
  readonly write: Audit;
  close(): void;
}

/** Open or make a file of lines of JSON. It is written at its end. */
export function openAuditFile(path: string): AuditFile {
  const file = openSync(path, 'a', 0o600);
  return {
    write: (entry) => {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      try {
        for (let at = 0; at < line.length; ) at += writeSync(file, line, at);
      } catch (cause) {
        const detail = 'The service cannot write its audit log; its disk may be full.';
        throw new ProblemError('busy', detail, { retryAfter: 60, cause });
      }
    },
    close: () => closeSync(file),
  };
}
