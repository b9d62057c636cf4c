import { type FakeRecord, parseFakeRecord, type RecordRules } from './fake-record.js';

/** What reads of one kind see late, see `FakePineconeOptions.lag`. */
export type LaggingRead = 'fetch' | 'list' | 'query' | 'stats';

/** How many further requests to the index it takes until a write is seen. */
export type Lag = Readonly<Partial<Record<LaggingRead, number>>>;

/** Where and how an index runs, as the control plane says it. */
export type FakeDeployment =
  | {
      readonly deployment_type: 'managed';
      readonly cloud: string;
      readonly region: string;
      readonly environment: string;
    }
  | {
      readonly deployment_type: 'pod';
      readonly environment: string;
      readonly pod_type: string;
      readonly replicas: number;
      readonly shards: number;
    };

/** What an index is. */
export interface FakeIndexSpec extends RecordRules {
  readonly name: string;
  readonly deployment: FakeDeployment;
}

interface Version {
  /** The request it was written by; minus infinity once settled. */
  at: number;
  /** `undefined`: deleted. */
  readonly record: FakeRecord | undefined;
}

/** Records of an index by namespace, the default one under the empty name. Writes are seen by reads after a lag. */
export class FakeIndex {
  readonly spec: FakeIndexSpec;
  readonly #lag: Lag;
  readonly #namespaces = new Map<string, Map<string, Version[]>>();
  /** The ids of a namespace in order, deleted ones among them, until a new one comes. */
  readonly #ordered = new Map<string, readonly string[]>();
  #requests = 0;

  constructor(spec: FakeIndexSpec, lag: Lag) {
    this.spec = spec;
    this.#lag = lag;
  }

  /** One more request came: writes get older. */
  tick(): void {
    this.#requests += 1;
  }

  /** Every write is seen from now on. */
  settle(): void {
    for (const records of this.#namespaces.values()) {
      for (const versions of records.values()) for (const version of versions) version.at = Number.NEGATIVE_INFINITY;
    }
  }

  /** The names of namespaces, the default one as the empty text. */
  namespaces(): string[] {
    return [...this.#namespaces.keys()].toSorted();
  }

  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  addNamespace(namespace: string): void {
    if (!this.#namespaces.has(namespace)) this.#namespaces.set(namespace, new Map());
  }

  dropNamespace(namespace: string): void {
    this.#namespaces.delete(namespace);
    this.#ordered.delete(namespace);
  }

  /** Write records, all or none. @throws Refused. */
  upsert(namespace: string, records: readonly unknown[]): number {
    const parsed = records.map((record) => parseFakeRecord(record, this.spec));
    this.put(namespace, parsed);
    return parsed.length;
  }

  /** Write records that are known to be right. */
  put(namespace: string, records: readonly FakeRecord[]): void {
    this.addNamespace(namespace);
    for (const record of records) this.#write(namespace, record.id, record);
  }

  /** Remove records; not an error if some do not exist. */
  delete(namespace: string, ids: readonly string[]): void {
    for (const id of ids) this.#write(namespace, id, undefined);
  }

  /** A record as a read of this kind sees it. */
  get(namespace: string, id: string, read: LaggingRead): FakeRecord | undefined {
    return this.#visible(this.#namespaces.get(namespace)?.get(id) ?? [], read);
  }

  /** The records a read sees, by ascending id; without a read all that were written. */
  all(namespace: string, read: LaggingRead | undefined): FakeRecord[] {
    const records = this.#namespaces.get(namespace);
    if (records === undefined) return [];
    const ids = this.#ordered.get(namespace) ?? [...records.keys()].toSorted();
    this.#ordered.set(namespace, ids);
    return ids.flatMap((id) => this.#visible(records.get(id) ?? [], read) ?? []);
  }

  #write(namespace: string, id: string, record: FakeRecord | undefined): void {
    const records = this.#namespaces.get(namespace);
    if (records === undefined) return;
    const versions = records.get(id) ?? [];
    versions.push({ at: this.#requests, record });
    // Versions that nobody can see any more are forgotten.
    const oldest = this.#requests - 1 - Math.max(0, ...Object.values(this.#lag));
    while (versions.length > 1 && (versions[1]?.at ?? 0) < oldest) versions.shift();
    if (!records.has(id)) this.#ordered.delete(namespace);
    records.set(id, versions);
  }

  #visible(versions: readonly Version[], read: LaggingRead | undefined): FakeRecord | undefined {
    if (read === undefined) return versions.at(-1)?.record;
    const horizon = this.#requests - 1 - (this.#lag[read] ?? 0);
    return versions.findLast(({ at }) => at <= horizon)?.record;
  }
}

/** Namespaces are addressed by name; the default one also by none, by the empty text and by `__default__`. */
export function spaceOf(namespace: unknown): string {
  return typeof namespace !== 'string' || namespace === '__default__' ? '' : namespace;
}
