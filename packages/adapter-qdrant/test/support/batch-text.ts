import {
  metadataText,
  parseJson,
  stringifyJson,
  type VectorBatch,
  type VectorValue,
  vectorAt,
} from '@vecport/abstractions';

/** A batch as lines that tell every bit of it: identifiers, floats as hex, metadata with sorted keys. */
export function batchLines(batch: VectorBatch): readonly string[] {
  return batch.ids.map((id, row) => {
    const vectors = Object.entries(batch.vectors).flatMap(([name, column]) => {
      const value = vectorAt(column, row);
      return value === undefined ? [] : [`${name}=${valueText(value)}`];
    });
    return [id, ...vectors.toSorted(), sortedJson(metadataText(batch.metadata, row))].join(' ');
  });
}

/** JSON text with sorted keys. */
export function sortedJson(text: string | undefined): string {
  return text === undefined ? 'none' : stringifyJson(sortKeys(parseJson(text)));
}

/** The bits of floats. */
function bits(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
}

function valueText(value: VectorValue): string {
  if (value instanceof Float32Array) return bits(value);
  return 'indices' in value ? `${[...value.indices].join(',')}:${bits(value.values)}` : value.map(bits).join('/');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, sortKeys((value as Record<string, unknown>)[key])]));
}
