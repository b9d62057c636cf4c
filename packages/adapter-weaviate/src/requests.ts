import { ProtoWriter } from '@vecport/wire';
import { CONSISTENCY_LEVELS, type Config } from './config.js';

// Field numbers of weaviate/v1/*.proto, as the official client 3.14.0 encodes them.

/** Whose points a request is about. */
export interface Target {
  readonly collection: string;
  readonly tenant: string | undefined;
  readonly consistencyLevel: Config['consistencyLevel'];
}

/** What Weaviate compares a property with. */
export type ClauseValue =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'texts'; readonly value: readonly string[] }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean };

/** A filter in Weaviate's words. */
export type Clause =
  | { readonly operator: 'and' | 'or' | 'not'; readonly clauses: readonly Clause[] }
  | { readonly operator: ValueOperator; readonly property: string; readonly value: ClauseValue };

/** Operators that compare a property with a value. */
export type ValueOperator = 'equal' | 'gt' | 'gte' | 'lt' | 'lte' | 'isNull' | 'containsAny';

const OPERATORS: Readonly<Record<Clause['operator'], number>> = {
  equal: 1,
  gt: 3,
  gte: 4,
  lt: 5,
  lte: 6,
  and: 7,
  or: 8,
  isNull: 11,
  containsAny: 12,
  not: 15,
};

/** What is asked for of each object. */
interface Wanted {
  readonly properties: readonly string[];
  /** Named vectors. */
  readonly vectors: readonly string[];
  /** The vector that has no name. */
  readonly unnamedVector?: boolean | undefined;
  readonly times?: boolean | undefined;
  readonly distance?: boolean | undefined;
}

/** The nearest neighbours that are looked for. */
export interface Near {
  /** Which vector; `undefined` for the one that has no name. */
  readonly name: string | undefined;
  readonly multi: boolean;
  readonly bytes: Uint8Array;
}

/** Which objects are asked for. */
export interface SearchRequest extends Wanted {
  readonly limit: number;
  /** Objects after this uuid, by uuid. Takes no filter. */
  readonly after?: string | undefined;
  readonly filter?: Clause | undefined;
  readonly near?: Near | undefined;
}

/** The property every object's uuid can be compared by. */
const ID_PROPERTY = '_id';

/** Objects with one of these uuids. */
export function idsClause(uuids: readonly string[]): Clause {
  return { operator: 'containsAny', property: ID_PROPERTY, value: { kind: 'texts', value: uuids } };
}

/** A `SearchRequest`. */
export function searchMessage({ collection, tenant, consistencyLevel }: Target, request: SearchRequest): Uint8Array {
  const writer = new ProtoWriter(512).text(1, collection);
  if (tenant !== undefined) writer.text(10, tenant);
  if (consistencyLevel !== undefined) writer.varint(11, CONSISTENCY_LEVELS[consistencyLevel]);
  writer.message(20, (properties) => {
    for (const name of request.properties) properties.text(1, name);
  });
  writer.message(21, (metadata) => {
    metadata.bool(1, true);
    if (request.unnamedVector === true) metadata.bool(2, true);
    if (request.times === true) metadata.bool(3, true).bool(4, true);
    if (request.distance === true) metadata.bool(5, true);
    for (const name of request.vectors) metadata.text(10, name);
  });
  writer.varint(30, request.limit);
  if (request.after !== undefined) writer.text(33, request.after);
  const { filter, near } = request;
  if (filter !== undefined) writer.message(40, (inner) => writeClause(inner, filter));
  if (near !== undefined) writer.message(43, (inner) => writeNear(inner, near));
  return writer.bool(100, true).bool(101, true).bool(102, true).finish();
}

/** An `AggregateRequest` for the number of objects. */
export function countMessage({ collection, tenant }: Target, filter: Clause | undefined): Uint8Array {
  const writer = new ProtoWriter().text(1, collection);
  if (tenant !== undefined) writer.text(10, tenant);
  writer.bool(20, true);
  if (filter !== undefined) writer.message(40, (inner) => writeClause(inner, filter));
  return writer.finish();
}

/** A `BatchDeleteRequest`. */
export function deleteMessage({ collection, tenant, consistencyLevel }: Target, filter: Clause): Uint8Array {
  const writer = new ProtoWriter().text(1, collection).message(2, (inner) => writeClause(inner, filter));
  if (consistencyLevel !== undefined) writer.varint(5, CONSISTENCY_LEVELS[consistencyLevel]);
  if (tenant !== undefined) writer.text(6, tenant);
  return writer.finish();
}

function writeNear(writer: ProtoWriter, { name, multi, bytes }: Near): void {
  if (name === undefined) {
    writer.data(4, bytes);
    return;
  }
  writer.message(6, (targets) => targets.text(1, name));
  writer.message(9, (vector) => vector.text(1, name).data(3, bytes).varint(4, vectorType(multi)));
}

/** The number that says how the bytes of a vector are laid out. */
export function vectorType(multi: boolean): number {
  return multi ? 2 : 1;
}

function writeClause(writer: ProtoWriter, clause: Clause): void {
  writer.varint(1, OPERATORS[clause.operator]);
  if ('clauses' in clause) {
    for (const inner of clause.clauses) writer.message(3, (place) => writeClause(place, inner));
    return;
  }
  writeValue(writer, clause.value);
  writer.message(20, (target) => target.text(1, clause.property));
}

function writeValue(writer: ProtoWriter, value: ClauseValue): void {
  switch (value.kind) {
    case 'text':
      writer.text(4, value.value);
      break;
    case 'int':
      writer.int64(5, value.value);
      break;
    case 'boolean':
      writer.bool(6, value.value);
      break;
    case 'number':
      writer.double(7, value.value);
      break;
    case 'texts':
      writer.message(9, (list) => {
        for (const text of value.value) list.text(1, text);
      });
  }
}
