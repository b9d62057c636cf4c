import type { VectorSpec } from '@vecport/abstractions';
import type { CollectionSummary } from '@vecport/dataset';
import { shorten } from '../output/format.js';
import { renderTable } from '../output/render-table.js';

/** Width of a cell whose text can be long. */
const LONG = 60;

/** What the collections of a dataset consist of: a row for each vector, and one for ids and metadata. */
export function schemaTable(collections: readonly CollectionSummary[]): string {
  return renderTable(
    [{ title: 'Collection' }, { title: 'Column' }, { title: 'Type' }, { title: 'Metric' }, { title: 'Index' }],
    collections.flatMap(({ name, vectors, idKinds, fields = [], embeddingModel, tenants }) => [
      [name, 'id', idKinds.join(', '), '', ''],
      ...Object.entries(vectors).map(([vector, spec]) => [
        '',
        vector,
        typeOf(spec),
        metricOf(spec),
        spec.index?.type ?? '',
      ]),
      [
        '',
        'metadata',
        fields.length === 0
          ? 'JSON'
          : shorten(`JSON; ${fields.map((field) => `${field.name} ${field.type}`).join(', ')}`, LONG),
        '',
        '',
      ],
      ...(embeddingModel === undefined ? [] : [['', 'model', shorten(embeddingModel, LONG), '', '']]),
      ...(tenants.length === 0 ? [] : [['', 'tenants', shorten(tenants.join(', '), LONG), '', '']]),
    ]),
  );
}

function typeOf({ kind, dimension, elementType }: VectorSpec): string {
  return `${kind} ${elementType}${dimension === undefined ? '' : ` × ${dimension}`}`;
}

function metricOf({ metric, normalized }: VectorSpec): string {
  return `${metric ?? ''}${normalized === true ? ', unit vectors' : ''}`;
}
