import type { JsonValue } from '@vecport/abstractions';
import { type FilterField, filterFieldsOf } from './filter-fields.js';
import { type Mapping, placedFields } from './mapping.js';
import { type OwnMeta, readOwnMeta } from './own-meta.js';
import { type VectorField, type VectorTree, vectorFieldsOf, vectorTree } from './vector-fields.js';

/** How an index keeps points. */
export interface IndexLayout {
  /** The collection's name: that of the index, or of an alias to it. */
  readonly collection: string;
  readonly index: string;
  /** What Vecport noted when it made the index. */
  readonly meta: OwnMeta | undefined;
  /** Documents may have the reserved field. */
  readonly hasReserved: boolean;
  readonly vectors: readonly VectorField[];
  readonly tree: VectorTree;
  readonly filterFields: ReadonlyMap<string, FilterField>;
  /**
   * `kept`: vectors are in `_source` as they were written. `left-out`: they are not, and are read from the doc
   * values. `asked`: the server puts them into `_source` when asked, which is slower; needed where vectors are that
   * have no doc values to read.
   */
  readonly source: 'kept' | 'left-out' | 'asked';
  /** Why `_source` cannot be read at all. */
  readonly unreadable: string | undefined;
  readonly shards: number;
  readonly native: JsonValue | undefined;
  /** What the credentials did not allow to be read. */
  readonly notDescribed: readonly string[];
}

/** An index as the server describes it. */
export interface IndexAnswer {
  readonly aliases?: Readonly<Record<string, unknown>> | undefined;
  readonly mappings?: Mapping | undefined;
  readonly settings?: { readonly index?: IndexSettings | undefined } | undefined;
  readonly defaults?: { readonly index?: IndexSettings | undefined } | undefined;
}

/** Settings of an index, as far as they are looked at. */
interface IndexSettings {
  readonly number_of_shards?: string | undefined;
  readonly uuid?: string | undefined;
  readonly mapping?: {
    readonly exclude_source_vectors?: string | boolean | undefined;
    readonly source?: { readonly mode?: string | undefined } | undefined;
  };
}

/** What tells an index from one of the same name that was there before it. */
export function indexUuid(answer: IndexAnswer | undefined): string | undefined {
  return answer?.settings?.index?.uuid;
}

/** The layout of an index from the server's description of it. */
export function layoutOf(collection: string, index: string, answer: IndexAnswer): IndexLayout {
  const { mappings = {}, settings, defaults, aliases } = answer;
  const meta = readOwnMeta(mappings);
  const vectors = vectorFieldsOf(mappings, meta);
  const excluded = settings?.index?.mapping?.exclude_source_vectors ?? defaults?.index?.mapping?.exclude_source_vectors;
  return {
    collection,
    index,
    meta,
    hasReserved: meta !== undefined,
    vectors,
    tree: vectorTree(vectors),
    filterFields: filterFieldsOf(mappings, meta),
    source: sourceOf(mappings, String(excluded) === 'true'),
    unreadable:
      mappings._source?.enabled === false
        ? 'The index keeps no _source, so that points cannot be read back.'
        : undefined,
    shards: Number(settings?.index?.number_of_shards ?? 1),
    native: { aliases, mappings, settings } as unknown as JsonValue,
    notDescribed: [],
  };
}

function sourceOf(mapping: Mapping, excluded: boolean): IndexLayout['source'] {
  const { includes = [], excludes = [] } = mapping._source ?? {};
  if (includes.length > 0 || excludes.length > 0) return 'left-out';
  if (!excluded) return 'kept';
  const others = placedFields(mapping.properties).some(({ field, nested }) => {
    return (nested && field.type === 'dense_vector') || ['sparse_vector', 'rank_vectors'].includes(field.type ?? '');
  });
  return others ? 'asked' : 'left-out';
}
