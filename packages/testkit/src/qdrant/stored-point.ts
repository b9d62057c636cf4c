import type { JsonObject } from './json-value.js';
import type { PointId } from './point-id.js';
import type { Vectors } from './vectors.js';

/** A point as it is sent. */
export interface PointStruct {
  readonly id: PointId;
  readonly vectors: Vectors;
  readonly payload: JsonObject;
}

/** A point as the server keeps it. */
export interface StoredPoint extends PointStruct {
  /** Number of the operation that wrote it last. */
  readonly version: number;
  /** Payload fields with a full-text index, where a text is matched word by word. */
  readonly textFields: ReadonlySet<string>;
}
