import {
  DEFAULT_VECTOR,
  type ElementType,
  type FieldSpec,
  type FieldType,
  type IdKind,
  type VectorKind,
} from '@vecport/abstractions';
import type { DescribedCollection, MilvusIndex } from './control.js';
import { DATA_TYPE, dataTypeName, isVectorType } from './data-types.js';
import { notSupported } from './errors.js';
import { type Marker, readMarker } from './marker.js';
import type { MilvusField } from './schema.js';

/** The field that holds what has no field of its own. */
export const DYNAMIC_FIELD = '$meta';
/** The vector field MilvusClient's quick set-up makes, and the one of a vector without name. */
export const DEFAULT_VECTOR_FIELD = 'vector';

/** A vector of a collection. */
export interface VectorField {
  /** As Vecport calls it. */
  readonly name: string;
  /** As Milvus calls it. */
  readonly field: string;
  readonly type: number;
  readonly kind: VectorKind;
  /** 0 for sparse vectors. */
  readonly dimension: number;
  readonly elementType: ElementType;
}

/** What a collection is made of, as far as points are concerned. */
export interface Layout {
  readonly collection: string;
  readonly key: {
    readonly field: string;
    readonly type: 'int64' | 'varchar';
    readonly autoId: boolean;
    readonly maxBytes: number;
  };
  readonly vectors: readonly VectorField[];
  /** Fields that are metadata; none in a collection that Vecport made. */
  readonly scalars: readonly MilvusField[];
  /** Whether there is the dynamic field. */
  readonly dynamic: boolean;
  /** Whether the server divides the points itself, by a field: its partitions are not tenants. */
  readonly hasPartitionKey: boolean;
  /** Absent for a collection that Vecport did not make. */
  readonly marker: Marker | undefined;
  readonly idKinds: readonly IdKind[];
  readonly fields: readonly FieldSpec[];
  readonly described: DescribedCollection;
  readonly indexes: readonly MilvusIndex[];
  /** What the credentials do not allow to be read. */
  readonly notDescribed: readonly string[];
}

/**
 * Understand a collection.
 * @throws VecportError `not-supported` for one with fields that cannot be carried exactly, naming the first.
 */
export function readLayout(
  collection: string,
  described: DescribedCollection,
  indexes: readonly MilvusIndex[],
  notDescribed: readonly string[] = [],
): Layout {
  const { schema, properties } = described;
  const marker = readMarker(schema.description, properties);
  const key = schema.fields.find((field) => field.isPrimaryKey);
  if (key === undefined || (key.type !== DATA_TYPE.Int64 && key.type !== DATA_TYPE.VarChar)) {
    throw notSupported(`The collection '${collection}' has no primary key of type Int64 or VarChar.`);
  }
  refuseUnknown(collection, described);
  const fields = schema.fields.filter((field) => !field.isPrimaryKey && !field.isDynamic);
  const scalars = fields.filter(({ type }) => !isVectorType(type));
  const int64 = key.type === DATA_TYPE.Int64;
  return {
    collection,
    key: {
      field: key.name,
      type: int64 ? 'int64' : 'varchar',
      autoId: key.autoId || schema.autoId,
      maxBytes: int64 ? 20 : Number(key.params['max_length'] ?? 65_535),
    },
    vectors: fields.filter(({ type }) => isVectorType(type)).map((field) => vectorField(field, fields, marker)),
    scalars,
    dynamic: schema.dynamic,
    hasPartitionKey: schema.fields.some((field) => field.isPartitionKey),
    marker,
    idKinds: marker?.idKinds ?? [int64 ? 'i64' : 'string'],
    fields: marker?.fields ?? scalars.flatMap((field) => fieldSpec(field) ?? []),
    described,
    indexes,
    notDescribed,
  };
}

function refuseUnknown(collection: string, { schema }: DescribedCollection): void {
  const [struct] = schema.structs;
  const odd = schema.fields.find((field) => !CARRIED.has(field.type));
  const what =
    struct !== undefined
      ? `a list of structs '${struct}'`
      : odd === undefined
        ? undefined
        : `a field '${odd.name}' of ${dataTypeName(odd.type)}`;
  if (what === undefined) return;
  throw notSupported(`The collection '${collection}' has ${what}, which Vecport cannot carry exactly.`);
}

const CARRIED: ReadonlySet<number> = new Set(Object.values(DATA_TYPE));

function vectorField(field: MilvusField, all: readonly MilvusField[], marker: Marker | undefined): VectorField {
  const { name, type } = field;
  return {
    name: vectorName(name, all, marker),
    field: name,
    type,
    kind: type === DATA_TYPE.SparseFloatVector ? 'sparse' : 'dense',
    dimension: type === DATA_TYPE.SparseFloatVector ? 0 : Number(field.params['dim'] ?? 0),
    elementType: ELEMENT_TYPES[type] ?? 'float32',
  };
}

function vectorName(field: string, all: readonly MilvusField[], marker: Marker | undefined): string {
  const known = Object.entries(marker?.vectors ?? {}).find(([, of]) => of === field)?.[0];
  if (known !== undefined) return known;
  const isDefault = field === DEFAULT_VECTOR_FIELD && !all.some(({ name }) => name === DEFAULT_VECTOR);
  return isDefault ? DEFAULT_VECTOR : field;
}

const ELEMENT_TYPES: Readonly<Partial<Record<number, ElementType>>> = {
  [DATA_TYPE.BinaryVector]: 'binary',
  [DATA_TYPE.FloatVector]: 'float32',
  [DATA_TYPE.Float16Vector]: 'float16',
  [DATA_TYPE.BFloat16Vector]: 'bfloat16',
  [DATA_TYPE.SparseFloatVector]: 'float32',
  [DATA_TYPE.Int8Vector]: 'int8',
};

const FIELD_TYPES: Readonly<Partial<Record<number, FieldType>>> = {
  [DATA_TYPE.Bool]: 'boolean',
  [DATA_TYPE.Int8]: 'integer',
  [DATA_TYPE.Int16]: 'integer',
  [DATA_TYPE.Int32]: 'integer',
  [DATA_TYPE.Int64]: 'integer',
  [DATA_TYPE.Double]: 'number',
  [DATA_TYPE.VarChar]: 'string',
};

/** The type a filter sees a field of Milvus as; none for those that cannot be compared exactly, e.g. Float. */
export function filterType({ type }: Pick<MilvusField, 'type'>): FieldType | undefined {
  return FIELD_TYPES[type];
}

function fieldSpec(field: MilvusField): FieldSpec | undefined {
  const type = filterType(field);
  return type === undefined ? undefined : { name: field.name, type };
}
