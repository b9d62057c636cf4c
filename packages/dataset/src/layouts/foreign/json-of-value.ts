import { VecportError } from '@vecport/abstractions';
import { floatText } from '@vecport/wire';
import type { SchemaElement } from 'hyparquet';
import { corrupt } from '../../parquet/corrupt.js';
import { textOf } from './column-values.js';
import type { ForeignLeaf } from './foreign-parquet.js';
import type { LeafValue } from './leaf-values.js';

/** A value on its way to JSON: the text of a scalar, a list, or members by name. */
type JsonTree = string | readonly JsonTree[] | ReadonlyMap<string, JsonTree>;

/**
 * A writer of a column's values as JSON text, given the values of its leaves in one row: whole numbers with all their
 * digits, floats with those that give them back, times as ISO 8601. `undefined` where the row has none.
 * @throws VecportError `not-supported` for a leaf whose values JSON has no form for.
 */
export function jsonWriterOf(leaves: readonly ForeignLeaf[]): (values: readonly LeafValue[]) => string | undefined {
  const trees = leaves.map(treeMaker);
  return (values) => {
    if (values.every((value) => value === null || value === undefined)) return undefined;
    return printed(trees.map((treeOf, at) => treeOf(values[at])).reduce(merged));
  };
}

function treeMaker({ path, elements }: ForeignLeaf): (value: LeafValue) => JsonTree {
  const element = elements.at(-1);
  const place = `The column '${path.join('.')}'`;
  const unsupported = element === undefined ? 'no type' : unsupportedType(element, elements);
  if (unsupported !== undefined) {
    throw new VecportError('not-supported', `${place} has ${unsupported}, which JSON has no form for.`, {
      advice: 'Cast the column to text or numbers, or leave it out.',
    });
  }
  const treeOf = (value: LeafValue): JsonTree => {
    switch (typeof value) {
      case 'boolean':
      case 'bigint':
        return String(value);
      case 'string':
        return JSON.stringify(value);
      case 'number':
        if (!Number.isFinite(value)) throw corrupt(`${place} holds ${value}, which JSON cannot hold.`);
        if (element?.type === 'FLOAT') return floatText(value);
        return Object.is(value, -0) ? '-0.0' : String(value);
      default:
        return treeOfObject(value, treeOf, place);
    }
  };
  return treeOf;
}

function treeOfObject(value: LeafValue, treeOf: (value: LeafValue) => JsonTree, place: string): JsonTree {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Uint8Array) return JSON.stringify(textOf(value, place));
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as Iterable<unknown>, treeOf);
  const members = Object.entries(value as Readonly<Record<string, unknown>>);
  return new Map(members.map(([key, member]) => [key, treeOf(member)]));
}

/** The members that several leaves have of the same structure, or of those of the same list. */
function merged(a: JsonTree, b: JsonTree): JsonTree {
  if (typeof a === 'string') return b;
  if (typeof b === 'string') return a;
  if (isMembers(a) && isMembers(b)) {
    const members = new Map(a);
    for (const [key, member] of b) {
      const known = members.get(key);
      members.set(key, known === undefined ? member : merged(known, member));
    }
    return members;
  }
  const [first, second] = [a as readonly JsonTree[], b as readonly JsonTree[]];
  return first.map((element, at) => merged(element, second[at] ?? 'null'));
}

function isMembers(tree: JsonTree): tree is ReadonlyMap<string, JsonTree> {
  return tree instanceof Map;
}

function printed(tree: JsonTree): string {
  if (typeof tree === 'string') return tree;
  if (Array.isArray(tree)) return `[${tree.map(printed).join(',')}]`;
  const members = Array.from(tree as ReadonlyMap<string, JsonTree>);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${printed(member)}`).join(',')}}`;
}

function unsupportedType(element: SchemaElement, elements: readonly SchemaElement[]): string | undefined {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (elements.some((own) => own.converted_type === 'MAP' || own.logical_type?.type === 'MAP')) return 'a map';
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return 'decimals';
  const isText = converted === 'UTF8' || converted === 'ENUM' || converted === 'JSON' || logical?.type === 'STRING';
  const isUuid = logical?.type === 'UUID' || logical?.type === 'FLOAT16';
  if (type === 'BYTE_ARRAY' && !isText) return 'bytes';
  return type === 'FIXED_LEN_BYTE_ARRAY' && !isUuid ? 'bytes' : undefined;
}
