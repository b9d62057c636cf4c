import { DEFAULT_VECTOR, type IndexDescription, type VectorSpec } from '@vecport/abstractions';
import { type MappedField, type Mapping, placedFields } from './mapping.js';
import { elementTypeOf, metricOf, type VectorElement } from './metrics.js';
import type { OwnMeta } from './own-meta.js';

/** The field of the vector that has no name of its own. */
export const DEFAULT_FIELD = 'vector';

/** A `dense_vector` field. */
export interface VectorField {
  /** The vector's name in Vecport. */
  readonly name: string;
  /** Its field, a dotted path. */
  readonly field: string;
  readonly element: VectorElement;
  readonly similarity: string | undefined;
  /** Zero while nobody knows: no vector was written, and none declared. */
  readonly dimension: number;
  /** Whether an index can be searched; otherwise every vector is compared. */
  readonly indexed: boolean;
  /** `index_options.type`. */
  readonly indexType: string | undefined;
  readonly spec: VectorSpec;
}

/** Where in a document vectors are: by key, a vector or an object with vectors. */
export type VectorTree = ReadonlyMap<string, VectorField | VectorTree>;

/** The dense vectors of an index, those in `nested` fields left out. */
export function vectorFieldsOf(mapping: Mapping, meta: OwnMeta | undefined): readonly VectorField[] {
  const placed = placedFields(mapping.properties).filter(
    ({ field, nested }) => field.type === 'dense_vector' && !nested,
  );
  const paths = new Set(placed.map(({ path }) => path));
  const own = new Map(Object.entries(meta?.vectors ?? {}).map(([name, field]) => [field, name]));
  const found = placed.map(({ path, field }) => {
    const name = own.get(path) ?? (path === DEFAULT_FIELD && !paths.has(DEFAULT_VECTOR) ? DEFAULT_VECTOR : path);
    return vectorField(name, path, field);
  });
  const order = Object.keys(meta?.vectors ?? {});
  return found.toSorted((left, right) => order.indexOf(left.name) - order.indexOf(right.name));
}

/** A vector field from its mapping. */
function vectorField(name: string, path: string, field: MappedField): VectorField {
  const element = (field.element_type ?? 'float') as VectorElement;
  const elementType = elementTypeOf(element);
  const indexed = field.index !== false;
  const similarity = indexed ? (field.similarity ?? (element === 'bit' ? 'l2_norm' : 'cosine')) : undefined;
  const metric = metricOf(similarity, element);
  const index = indexDescription(field);
  return {
    name,
    field: path,
    element,
    similarity,
    dimension: field.dims ?? 0,
    indexed,
    indexType: typeof field.index_options?.['type'] === 'string' ? field.index_options['type'] : undefined,
    spec: {
      kind: 'dense',
      ...(field.dims !== undefined && { dimension: field.dims }),
      elementType,
      ...(metric !== undefined && { metric }),
      ...(index !== undefined && { index }),
    },
  };
}

type MutableTree = Map<string, VectorField | VectorTree>;

/** The vectors as they lie in a document. */
export function vectorTree(vectors: readonly VectorField[]): VectorTree {
  const tree: MutableTree = new Map();
  for (const vector of vectors) {
    const path = vector.field.split('.');
    const last = path.pop() ?? vector.field;
    let at = tree;
    for (const key of path) {
      const next = at.get(key);
      const inner = next instanceof Map ? (next as MutableTree) : new Map<string, VectorField | VectorTree>();
      at.set(key, inner);
      at = inner;
    }
    at.set(last, vector);
    if (path.length > 0) tree.set(vector.field, vector);
  }
  return tree;
}

/** Whether an entry of a tree is an object with vectors in it. */
export function isTree(entry: VectorField | VectorTree): entry is VectorTree {
  return entry instanceof Map;
}

const PARAMETERS: Readonly<Record<string, string>> = {
  m: 'm',
  ef_construction: 'efConstruction',
  confidence_interval: 'confidenceInterval',
};

function indexDescription({ index, index_options: options }: MappedField): IndexDescription | undefined {
  if (index === false) return { type: 'none' };
  if (typeof options?.['type'] !== 'string') return undefined;
  const parameters = Object.entries(options).flatMap(([key, value]) => {
    const name = PARAMETERS[key];
    return name !== undefined && typeof value === 'number' ? [[name, value] as const] : [];
  });
  return { type: options['type'], ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters) }) };
}
