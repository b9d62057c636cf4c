/** One decision about a request. Holds no credential and no value of a request but names. */
export interface AuditEntry {
  readonly time: string;
  readonly requestId: string;
  /** Who asked; `anonymous` for nobody known. */
  readonly principal: string;
  readonly remoteAddress?: string | undefined;
  /** The operation, e.g. `startExport`; `schedule` for a run that a schedule starts. */
  readonly operation: string;
  /** What it is about, e.g. `export/s3/monday`. */
  readonly target: string;
  readonly store?: string | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly decision: 'allowed' | 'denied';
  readonly reason?: string | undefined;
}

/** Gets every decision, before it has an effect. What it throws is the answer to the request, which then has none. */
export type Audit = (entry: AuditEntry) => void;
