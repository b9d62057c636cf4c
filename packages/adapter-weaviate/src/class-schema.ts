import { type JsonValue, parseJson } from '@vecport/abstractions';

/** A property of a class, as the server describes it; what is not used here is kept as well. */
export interface PropertySchema {
  readonly name: string;
  /** One name of a type, or the names of the classes a reference may lead to. */
  readonly dataType: readonly string[];
  readonly description?: string | undefined;
  readonly tokenization?: string | undefined;
  readonly indexFilterable?: boolean | null | undefined;
  readonly indexSearchable?: boolean | null | undefined;
}

/** Index and vectoriser of one vector. */
export interface VectorSchema {
  readonly vectorIndexType?: string | undefined;
  readonly vectorIndexConfig?: IndexSchema | undefined;
  /** `{ "none": {} }` where vectors are written, else the module that makes them. */
  readonly vectorizer?: Readonly<Record<string, unknown>> | string | undefined;
}

/** Settings of a vector index that are understood here. */
export interface IndexSchema {
  readonly distance?: string | undefined;
  readonly maxConnections?: number | undefined;
  readonly efConstruction?: number | undefined;
  readonly ef?: number | undefined;
  readonly threshold?: number | undefined;
  readonly hnsw?: IndexSchema | undefined;
  readonly multivector?: { readonly enabled?: boolean | undefined } | undefined;
  readonly pq?: Quantizer | undefined;
  readonly bq?: Quantizer | undefined;
  readonly sq?: Quantizer | undefined;
  readonly rq?: Quantizer | undefined;
}

interface Quantizer {
  readonly enabled?: boolean | undefined;
}

/** A class as `GET /v1/schema/<class>` gives it. */
export interface ClassSchema extends VectorSchema {
  readonly class: string;
  readonly properties?: readonly PropertySchema[] | null | undefined;
  /** Absent for classes with one vector that has no name, as they were made before there were names. */
  readonly vectorConfig?: Readonly<Record<string, VectorSchema>> | null | undefined;
  readonly multiTenancyConfig?: { readonly enabled?: boolean | undefined } | undefined;
  readonly invertedIndexConfig?: { readonly indexNullState?: boolean | undefined } | undefined;
}

/** A class from the server's answer, together with the answer itself. */
export interface ReadClass {
  readonly schema: ClassSchema;
  readonly native: JsonValue;
}

/** @throws VecportError `corrupt-data` for what is not JSON. */
export function parseClass(body: Buffer): ReadClass {
  const native = parseJson(body.toString());
  return { schema: native as unknown as ClassSchema, native };
}

/** The module that makes the vectors of objects written without one; `undefined` where none does. */
export function vectorizerOf({ vectorizer }: VectorSchema): string | undefined {
  const name = typeof vectorizer === 'string' ? vectorizer : Object.keys(vectorizer ?? {})[0];
  return name === undefined || name === '' || name === 'none' ? undefined : name;
}
