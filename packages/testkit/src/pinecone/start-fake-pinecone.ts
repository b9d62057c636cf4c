import type { Server } from 'node:http';
import { answerControlPlane, type ControlledIndex, type ControlPlaneState } from './fake-control-plane.js';
import { answerDataPlane } from './fake-data-plane.js';
import { FakeIndex, type FakeIndexSpec, type Lag } from './fake-index.js';
import { type FakeRecord, parseFakeRecord } from './fake-record.js';
import type { FakeFault, FakeReply, FakeRequest } from './fake-reply.js';
import { type FakeHttp, serve, stop } from './fake-server.js';
import type { FakeTokens } from './fake-tokens.js';

/** How the fake behaves. */
export interface FakePineconeOptions {
  /** The key that is accepted; `fake-key` if not said. */
  readonly apiKey?: string | undefined;
  /** Requests to an index until its reads see a write; none if not said. */
  readonly lag?: Lag | undefined;
  /** Descriptions an index takes to become ready and to be gone; 1 if not said. */
  readonly transitions?: number | undefined;
  /** Whether `$ne`, `$nin` and `$not` match records without the field; true if not said. Pinecone does not document it. */
  readonly negationsMatchMissing?: boolean | undefined;
  /** Longest URL that is answered; 8192 bytes if not said. */
  readonly maxUrlBytes?: number | undefined;
  /** Give hosts of indexes without a scheme, as Pinecone and Pinecone Local do. */
  readonly bareHosts?: boolean | undefined;
}

/** An index as a test makes it. */
export interface FakeIndexOptions {
  readonly name: string;
  readonly dimension?: number | undefined;
  /** `cosine` if not said. */
  readonly metric?: string | undefined;
  /** `dense` if not said. */
  readonly vectorType?: 'dense' | 'sparse' | undefined;
  /** `serverless` if not said. Pods cannot be made through the API any more. */
  readonly type?: 'serverless' | 'pod' | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly deletionProtection?: boolean | undefined;
}

/** A running fake of Pinecone on loopback. */
export interface FakePinecone {
  /** URL of the control plane. */
  readonly url: string;
  readonly apiKey: string;
  /** Every request so far. */
  readonly requests: readonly FakeRequest[];
  /** What goes wrong with a request; `undefined`: nothing. Replace it at any time. */
  fault: ((request: FakeRequest) => FakeFault | undefined) | undefined;
  /** Make an index, ready at once. @returns the URL of its host. */
  createIndex(options: FakeIndexOptions): Promise<string>;
  /** Write records into a namespace (the default one if not said), visible at once. */
  seed(index: string, records: Iterable<unknown>, namespace?: string): void;
  /** Remove records, visible at once. */
  remove(index: string, ids: readonly string[], namespace?: string): void;
  /** The records of a namespace (the default one if not said) by ascending id, without lag. */
  records(index: string, namespace?: string): readonly FakeRecord[];
  /** Every write is seen from now on. */
  settle(): void;
  /** Refuse the pagination tokens given so far. */
  expireTokens(): void;
  /** Stop it and cut its connections. */
  close(): Promise<void>;
}

/**
 * A stateful fake of Pinecone that follows its published API of version 2026-07: the control plane at one port, and
 * every index at a port of its own. Searches are exact. What is not documented can be chosen in the options.
 */
export async function startFakePinecone(options: FakePineconeOptions = {}): Promise<FakePinecone> {
  const { apiKey = 'fake-key', transitions = 1, negationsMatchMissing = true, maxUrlBytes = 8192 } = options;
  const requests: FakeRequest[] = [];
  const data = new Map<string, { readonly index: FakeIndex; readonly server: Server }>();
  const tokens: FakeTokens = { generation: 1 };
  const http: FakeHttp = {
    apiKey,
    maxUrlBytes,
    record: (request) => {
      const numbered = { ...request, number: requests.length + 1 };
      requests.push(numbered);
      return numbered;
    },
    fault: (request) => fake.fault?.(request),
  };
  const start = async (spec: FakeIndexSpec): Promise<ControlledIndex> => {
    const index = new FakeIndex(spec, options.lag ?? {});
    const state = { index, tokens, negationsMatchMissing };
    const answer = async (request: FakeRequest): Promise<FakeReply> => answerDataPlane(state, request);
    const { server, url } = await serve(http, spec.name, answer);
    data.set(spec.name, { index, server });
    const host = options.bareHosts === true ? url.replace('http://', '') : url;
    const controlled: ControlledIndex = {
      spec,
      host,
      tags: null,
      deletionProtection: 'disabled',
      initializing: 0,
      terminating: undefined,
    };
    control.indexes.set(spec.name, controlled);
    return controlled;
  };
  const control: ControlPlaneState = {
    indexes: new Map(),
    transitions,
    start,
    stop: async (name) => {
      const gone = data.get(name);
      data.delete(name);
      if (gone !== undefined) await stop(gone.server);
    },
  };
  const { server, url } = await serve(http, undefined, async (request) => answerControlPlane(control, request));
  const indexOf = (name: string): FakeIndex => {
    const found = data.get(name);
    if (found === undefined) throw new Error(`The fake has no index '${name}'.`);
    return found.index;
  };
  const fake: FakePinecone = {
    url,
    apiKey,
    requests,
    fault: undefined,
    createIndex: async (wanted) => {
      const index = await start(specOf(wanted));
      index.tags = wanted.tags ?? null;
      index.deletionProtection = wanted.deletionProtection === true ? 'enabled' : 'disabled';
      return url.replace(/:\d+$/, index.host.slice(index.host.lastIndexOf(':')));
    },
    seed: (name, records, namespace = '') => {
      const index = indexOf(name);
      index.put(
        namespace,
        Array.from(records, (record) => parseFakeRecord(record, index.spec)),
      );
      index.settle();
    },
    remove: (name, ids, namespace = '') => {
      indexOf(name).delete(namespace, ids);
      indexOf(name).settle();
    },
    records: (name, namespace = '') => indexOf(name).all(namespace, undefined),
    settle: () => {
      for (const { index } of data.values()) index.settle();
    },
    expireTokens: () => {
      tokens.generation += 1;
    },
    close: async () => {
      await Promise.all([server, ...Array.from(data.values(), (index) => index.server)].map(stop));
    },
  };
  return fake;
}

function specOf({
  name,
  dimension,
  metric = 'cosine',
  vectorType = 'dense',
  type = 'serverless',
}: FakeIndexOptions): FakeIndexSpec {
  return {
    name,
    vectorType,
    dimension: vectorType === 'dense' ? (dimension ?? 8) : undefined,
    metric: vectorType === 'dense' ? metric : 'dotproduct',
    deployment:
      type === 'pod'
        ? { deployment_type: 'pod', environment: 'us-east1-gcp', pod_type: 'p1.x1', replicas: 1, shards: 1 }
        : { deployment_type: 'managed', cloud: 'aws', region: 'us-east-1', environment: 'aws-us-east-1' },
  };
}
