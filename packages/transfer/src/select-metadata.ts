import {
  type MetadataColumn,
  metadataFromTexts,
  metadataText,
  omitFields,
  selectFields,
  type VectorBatch,
} from '@vecport/abstractions';

/** Which top-level metadata fields are kept. */
export interface FieldChoice {
  /** Only these. */
  readonly fields?: readonly string[] | undefined;
  /** Not these. */
  readonly excludeFields?: readonly string[] | undefined;
}

/** The same points with the chosen metadata fields alone. */
export function selectMetadata<B extends VectorBatch>(batch: B, { fields, excludeFields }: FieldChoice): B {
  if (fields === undefined && excludeFields === undefined) return batch;
  const kept = fields === undefined ? undefined : new Set(fields);
  const dropped = excludeFields === undefined ? undefined : new Set(excludeFields);
  return {
    ...batch,
    metadata: mapTexts(batch.metadata, batch.ids.length, (text) => {
      const chosen = kept === undefined ? text : selectFields(text, kept);
      return dropped === undefined ? chosen : omitFields(chosen, dropped);
    }),
  };
}

function mapTexts(metadata: MetadataColumn, rows: number, change: (text: string) => string): MetadataColumn {
  return metadataFromTexts(
    Array.from({ length: rows }, (_, row) => {
      const text = metadataText(metadata, row);
      return text === undefined ? undefined : change(text);
    }),
  );
}
