/** A field in a mapping, as far as it is looked at. */
export interface MappedField {
  readonly type?: string | undefined;
  readonly properties?: MappedFields | undefined;
  readonly fields?: MappedFields | undefined;
  readonly dims?: number | undefined;
  readonly element_type?: string | undefined;
  readonly similarity?: string | undefined;
  readonly index?: boolean | undefined;
  readonly doc_values?: boolean | undefined;
  readonly index_options?: Readonly<Record<string, unknown>> | undefined;
  readonly ignore_above?: number | undefined;
  readonly normalizer?: string | undefined;
  readonly null_value?: unknown;
  readonly [other: string]: unknown;
}

/** The fields of a mapping or of an object in it. */
export type MappedFields = Readonly<Record<string, MappedField>>;

/** The mapping of an index, as far as it is looked at. */
export interface Mapping {
  readonly _meta?: { readonly vecport?: unknown } | undefined;
  readonly _source?:
    | {
        readonly enabled?: boolean | undefined;
        readonly mode?: string | undefined;
        readonly includes?: readonly string[] | undefined;
        readonly excludes?: readonly string[] | undefined;
      }
    | undefined;
  readonly _routing?: { readonly required?: boolean | undefined } | undefined;
  readonly properties?: MappedFields | undefined;
  readonly [other: string]: unknown;
}

/** A field with its dotted path. */
export interface PlacedField {
  readonly path: string;
  readonly field: MappedField;
  /** Inside of a `nested` field, whose parts are documents of their own. */
  readonly nested: boolean;
}

/** The fields of a mapping that are no objects, those of objects included, in the mapping's order. */
export function placedFields(fields: MappedFields | undefined, prefix = '', nested = false): PlacedField[] {
  return Object.entries(fields ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const inside = nested || field.type === 'nested';
    if (field.properties !== undefined) return placedFields(field.properties, `${path}.`, inside);
    return [{ path, field, nested: inside }];
  });
}
