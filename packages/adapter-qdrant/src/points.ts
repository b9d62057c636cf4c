import type { SparseVector, VectorBatch } from '@vecport/abstractions';
import type { BuilderPool, JsonMember } from '@vecport/wire';
import type { ServerFilter } from './conditions.js';
import type { CollectionLayout, VectorLayout } from './layout.js';
import type { PointId } from './point-id.js';

/** What every call about points says. */
export interface PointCall {
  readonly collection: string;
  /** Only this shard, in collections with shards of one's own. */
  readonly shardKey?: ShardKey | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The key of a shard: text or an unsigned integer. */
export type ShardKey = string | number | bigint;

/** A page of points in the order of their identifiers. */
export interface ScrollRequest extends PointCall {
  readonly from: PointId;
  /** The first identifier that is not wanted any more; points from it on are not decoded. */
  readonly to?: PointId | undefined;
  readonly limit: number;
  readonly filter?: ServerFilter | undefined;
  /** Payload keys that are wanted, as paths; all if not said. */
  readonly include?: readonly string[] | undefined;
  /** Where the columns of the page come from. */
  readonly builders: BuilderPool;
}

/** Points that were decoded. */
export interface PointPage {
  readonly batch: VectorBatch;
  /** Identifiers as Qdrant holds them. */
  readonly pointIds: readonly PointId[];
  /** Decoding ended at the identifier `to`. */
  readonly reachedEnd: boolean;
  /** Gives the columns back: nothing of the batch is read any more. */
  release(): void;
}

/** Points that were asked for by identifier. */
export type FetchedPoints = Pick<PointPage, 'batch' | 'pointIds'>;

/** A page that has arrived. */
export interface ScrollPage {
  /** The server says that more points come. */
  readonly hasMore: boolean;
  /** The last identifier in it; `undefined` in an empty page. */
  readonly last: PointId | undefined;
  /** Size of the answer in bytes. */
  readonly bytes: number;
  /** Called at most once, as the page's memory is given back. @throws VecportError `corrupt-data`. */
  decode(): PointPage;
}

/** A query for the nearest points. */
export interface NearestRequest extends PointCall {
  readonly vector: Float32Array | SparseVector | readonly Float32Array[];
  readonly searched: VectorLayout;
  readonly limit: number;
  readonly filter?: ServerFilter | undefined;
}

/** A point a query found. */
export interface FoundPoint {
  readonly pointId: PointId;
  /** As Qdrant gives it. */
  readonly score: number;
  /** Identifier and metadata of the point, as it was written. */
  readonly id: string;
  readonly metadata: Uint8Array | undefined;
}

/** A point to write: the row of a batch, and its metadata in the form it is stored in. */
export interface PointToWrite {
  readonly row: number;
  readonly pointId: PointId;
  /** Payload fields, each a key and JSON text; or the text of all, which `isNativePayload`. */
  readonly payload: readonly JsonMember[] | Uint8Array;
}

/** Points to write. */
export interface UpsertRequest extends PointCall {
  readonly batch: VectorBatch;
  readonly points: readonly PointToWrite[];
}

/** Reads and writes points over one of Qdrant's interfaces; both give the same. */
export interface PointTransport {
  scroll(request: ScrollRequest, layout: CollectionLayout): Promise<ScrollPage>;
  retrieve(ids: readonly PointId[], call: PointCall, layout: CollectionLayout): Promise<FetchedPoints>;
  /** Identifiers of random points, at most `limit`. */
  sample(limit: number, filter: ServerFilter | undefined, call: PointCall): Promise<readonly PointId[]>;
  nearest(request: NearestRequest): Promise<readonly FoundPoint[]>;
  count(filter: ServerFilter | undefined, call: PointCall): Promise<number>;
  /** Resolves when the points can be read. */
  upsert(request: UpsertRequest, layout: CollectionLayout): Promise<void>;
  remove(ids: readonly PointId[], call: PointCall): Promise<void>;
  /** Ask for something that needs credentials. */
  check(options: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number }): Promise<void>;
}
