import { type CollectionDescription, VecportError } from '@vecport/abstractions';
import { columnsOf } from '../parquet/layout.js';
import type { PartSchema } from '../part-codec.js';
import type { OtherLayout } from './layout.js';

/** What a collection is to be written as. */
export interface LayoutRequest {
  readonly layout: OtherLayout;
  /** The metadata field whose value is a point's key in the layout `qdrant`; the point's id if not said. */
  readonly keyField?: string | undefined;
}

/** How a collection stands in another tool's layout. */
export interface PlannedLayout {
  /** As it can be read back. */
  readonly description: CollectionDescription;
  readonly schema: PartSchema;
  /** What the layout does not keep, one sentence each. */
  readonly losses: readonly string[];
}

const MAX_PINECONE_DIMENSION = 20_000;

/**
 * The columns a collection gets in a layout, and what is lost in it. `schema` is the one of the native layout.
 * @throws VecportError `not-supported`, with advice, for a collection the layout cannot hold; `invalid-argument` for a
 * key field in a layout that has no keys.
 */
export function planLayout(
  description: CollectionDescription,
  schema: PartSchema,
  { layout, keyField }: LayoutRequest,
): PlannedLayout {
  if (keyField !== undefined) checkKeyField(layout, keyField);
  const why = whyNotHeld(description, layout);
  if (why !== undefined) {
    throw new VecportError(
      'not-supported',
      `'${description.name}' cannot be written in the layout '${layout}': ${why}.`,
      {
        collection: description.name,
        operation: 'export',
        advice: 'Choose another layout; native holds everything.',
      },
    );
  }
  const weaviate = layout === 'weaviate';
  const planned: PartSchema = {
    vectors: schema.vectors,
    createdAt: weaviate,
    updatedAt: weaviate,
    layout,
    ...(weaviate && { className: description.name }),
  };
  columnsOf(planned);
  return {
    description: keyField === undefined ? description : { ...description, idKinds: ['string'] },
    schema: planned,
    losses: lossesOf(description.name, schema, { layout, keyField }),
  };
}

function checkKeyField(layout: OtherLayout, keyField: string): void {
  if (layout === 'qdrant' && keyField !== '') return;
  const reason =
    keyField === '' ? 'The key field has no name.' : `The layout '${layout}' has no keys beside the points' ids.`;
  throw new VecportError('invalid-argument', reason, {
    operation: 'export',
    advice: 'Name a metadata field, with the layout qdrant.',
  });
}

function whyNotHeld({ vectors }: CollectionDescription, layout: OtherLayout): string | undefined {
  const all = Object.entries(vectors);
  const count = (kind: string): number => all.filter(([, spec]) => spec.kind === kind).length;
  const firstOf = (...kinds: readonly string[]): string | undefined => {
    const found = all.find(([, spec]) => kinds.includes(spec.kind));
    return found && `it has no place for the ${found[1].kind} vector '${found[0]}'`;
  };
  switch (layout) {
    case 'weaviate':
      return firstOf('sparse');
    case 'qdrant':
      return (
        firstOf('sparse', 'multi') ?? (count('dense') === 1 ? undefined : `it holds one vector, not ${all.length}`)
      );
    case 'pinecone': {
      const large = all.find(([, spec]) => (spec.dimension ?? 0) > MAX_PINECONE_DIMENSION);
      if (large !== undefined)
        return `'${large[0]}' has ${large[1].dimension} dimensions, and Pinecone takes ${MAX_PINECONE_DIMENSION}`;
      const one = count('dense') <= 1 && count('sparse') <= 1 && all.length > 0;
      return firstOf('multi') ?? (one ? undefined : `it holds one dense and one sparse vector, not ${all.length}`);
    }
    case 'vdf': {
      const taken = all.find(([name]) => ['id', 'metadata', 'vector'].includes(name.toLowerCase()));
      const clash = taken && `a vector named '${taken[0]}' would stand in the column of something else`;
      return firstOf('sparse', 'multi') ?? clash ?? (all.length > 0 ? undefined : 'it has no vector');
    }
  }
}

function lossesOf(name: string, schema: PartSchema, { layout, keyField }: LayoutRequest): readonly string[] {
  const losses: string[] = [];
  if (layout !== 'weaviate' && (schema.createdAt || schema.updatedAt))
    losses.push(`${name}: the layout ${layout} has no place for times of creation and change, which were left out.`);
  if (keyField !== undefined)
    losses.push(`${name}: points are named by their field '${keyField}' instead of their ids, which were left out.`);
  return losses;
}
