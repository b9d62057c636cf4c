import { ProtoReader, ProtoWriter } from '@vecport/wire';
import type { Clause, ClauseValue, ValueOperator } from '../../src/requests.js';

/** A value of a property as Weaviate keeps it. */
export type ModelValue = string | number | boolean | readonly (string | number | boolean)[];

/** An object as a `BatchObjectsRequest` says it. */
export interface ModelObject {
  readonly uuid: string;
  readonly collection: string;
  readonly tenant: string | undefined;
  readonly properties: ReadonlyMap<string, ModelValue>;
  /** Bytes of each vector, and whether it is a multi-vector; the one without a name is called ''. */
  readonly vectors: ReadonlyMap<string, { readonly bytes: Uint8Array; readonly multi: boolean }>;
}

/** The objects of a `BatchObjectsRequest`. */
export function decodeObjects(message: Uint8Array): ModelObject[] {
  const objects: ModelObject[] = [];
  each(new ProtoReader(message), { 1: (reader) => objects.push(decodeObject(reader)) });
  return objects;
}

/** A `SearchReply` with these objects, each property of the type given, in any order of the fields. */
export function replyOf(objects: readonly ModelObject[], types: ReadonlyMap<string, string>): Uint8Array {
  const writer = new ProtoWriter();
  for (const { uuid, properties, vectors } of objects) {
    writer.message(2, (result) => {
      result.message(1, (answer) =>
        answer.message(11, (fields) => {
          for (const [name, type] of types) {
            const value = properties.get(name);
            fields.message(1, (entry) =>
              entry.text(1, name).message(2, (place) => {
                if (value === undefined) place.varint(12, 0);
                else writeValue(place, type, value);
              }),
            );
          }
        }),
      );
      result.message(2, (metadata) => {
        metadata.text(1, uuid);
        for (const [name, { bytes, multi }] of vectors) {
          if (name === '') metadata.data(19, bytes);
          else
            metadata.message(23, (named) =>
              named
                .varint(4, multi ? 2 : 1)
                .data(3, bytes)
                .text(1, name),
            );
        }
      });
    });
  }
  return writer.finish();
}

/** Whether Weaviate finds an object with these properties, as 1.35 and 1.39 were seen to do. */
export function matchesClause(clause: Clause | boolean, properties: ReadonlyMap<string, ModelValue>): boolean {
  if (typeof clause === 'boolean') return clause;
  if ('clauses' in clause) {
    const found = clause.clauses.map((inner) => matchesClause(inner, properties));
    if (clause.operator === 'not') return found[0] === false;
    return clause.operator === 'and' ? !found.includes(false) : found.includes(true);
  }
  const value = properties.get(clause.property);
  const empty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  // A list that is there is not noted in the index of null states, only one that is missing.
  if (clause.operator === 'isNull') return clause.value.value === true ? empty : !empty && !Array.isArray(value);
  if (value === undefined) return false;
  const terms = (Array.isArray(value) ? value : [value]) as readonly (string | number | boolean)[];
  return terms.some((term) => compares(clause.operator, indexed(term), clause.value));
}

// The index and a query cut off white space, as Go knows it.
function indexed<T>(term: T): T | string {
  return typeof term === 'string' ? term.replace(/^[\s\u0085]+|[\s\u0085]+$/gu, '') : term;
}

function compares(operator: ValueOperator, term: string | number | boolean, value: ClauseValue): boolean {
  if (value.kind === 'texts') return value.value.some((text) => indexed(text) === term);
  if (typeof term === 'boolean' || value.kind === 'boolean') return term === value.value;
  const order =
    value.kind === 'text'
      ? Buffer.compare(Buffer.from(String(term)), Buffer.from(indexed(value.value)))
      : compareNumbers(term as number, value.value);
  switch (operator) {
    case 'equal':
      return order === 0;
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    default:
      throw new Error(`A model of ${operator} is not here.`);
  }
}

function compareNumbers(left: number, right: number | bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

type Takers = Readonly<Record<number, (reader: ProtoReader) => void>>;

function each(reader: ProtoReader, takers: Takers): void {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const take = takers[field];
    if (take === undefined) reader.skip();
    else take(reader);
  }
}

function inside(reader: ProtoReader, takers: Takers): void {
  const outer = reader.enter();
  each(reader, takers);
  reader.leave(outer);
}

function decodeObject(reader: ProtoReader): ModelObject {
  let [uuid, collection] = ['', ''];
  let tenant: string | undefined;
  const properties = new Map<string, ModelValue>();
  const vectors = new Map<string, { bytes: Uint8Array; multi: boolean }>();
  inside(reader, {
    1: (inner) => {
      uuid = inner.text();
    },
    3: (inner) => decodeProperties(inner, properties),
    4: (inner) => {
      collection = inner.text();
    },
    5: (inner) => {
      tenant = inner.text();
    },
    6: (inner) => vectors.set('', { bytes: inner.data(), multi: false }),
    23: (inner) => {
      let name = '';
      let bytes = new Uint8Array(0);
      let multi = false;
      inside(inner, {
        1: (place) => {
          name = place.text();
        },
        3: (place) => {
          bytes = new Uint8Array(place.data());
        },
        4: (place) => {
          multi = place.varint() === 2;
        },
      });
      vectors.set(name, { bytes, multi });
    },
  });
  return { uuid, collection, tenant, properties, vectors };
}

function decodeProperties(reader: ProtoReader, properties: Map<string, ModelValue>): void {
  const list =
    (take: (inner: ProtoReader, items: (string | number | boolean)[]) => void, field = 1) =>
    (inner: ProtoReader) => {
      let name = '';
      const items: (string | number | boolean)[] = [];
      inside(inner, {
        [field]: (place) => take(place, items),
        2: (place) => {
          name = place.text();
        },
      });
      properties.set(name, items);
    };
  inside(reader, {
    1: (struct) => inside(struct, { 1: (entry) => decodeEntry(entry, properties) }),
    4: list((place, items) => {
      const bytes = place.data();
      items.push(...new Float64Array(bytes.slice().buffer));
    }, 3),
    5: list((place, items) => items.push(Number(place.int64()))),
    6: list((place, items) => items.push(place.text())),
    7: list((place, items) => items.push(place.bool())),
  });
}

function decodeEntry(reader: ProtoReader, properties: Map<string, ModelValue>): void {
  let key = '';
  inside(reader, {
    1: (inner) => {
      key = inner.text();
    },
    2: (inner) =>
      inside(inner, {
        2: (value) => properties.set(key, value.double()),
        3: (value) => properties.set(key, value.text()),
        4: (value) => properties.set(key, value.bool()),
      }),
  });
}

function writeValue(writer: ProtoWriter, type: string, value: ModelValue): void {
  if (Array.isArray(value)) {
    writer.message(5, (list) => writeList(list, type, value as readonly (string | number | boolean)[]));
  } else if (type === 'boolean') writer.bool(3, value as boolean);
  else if (type === 'int') writer.int64(8, BigInt(value as number));
  else if (type === 'number') writer.double(1, value as number);
  else writer.text(type === 'date' ? 6 : type === 'uuid' ? 7 : type === 'blob' ? 10 : 13, value as string);
}

function writeList(writer: ProtoWriter, type: string, values: readonly (string | number | boolean)[]): void {
  const bytes = (array: Float64Array | BigInt64Array): Uint8Array => new Uint8Array(array.buffer);
  if (type === 'number[]') {
    writer.message(2, (list) => list.data(1, bytes(Float64Array.from(values as number[]))));
  } else if (type === 'int[]') {
    writer.message(7, (list) => list.data(1, bytes(BigInt64Array.from(values as number[], BigInt))));
  } else if (type === 'boolean[]') {
    writer.message(3, (list) =>
      list.data(
        1,
        Uint8Array.from(values, (value) => (value === true ? 1 : 0)),
      ),
    );
  } else {
    writer.message(type === 'date[]' ? 5 : type === 'uuid[]' ? 6 : 8, (list) => {
      for (const value of values) list.text(1, String(value));
    });
  }
}
