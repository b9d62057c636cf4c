import { CONVERTED_TYPE, LOGICAL_TYPE, REPETITION, type TYPE } from './format.js';
import type { ThriftWriter } from './thrift-writer.js';

type Repetition = (typeof REPETITION)[keyof typeof REPETITION];
type PhysicalType = (typeof TYPE)[keyof typeof TYPE];

/** What a column means, beside its physical type. */
type Annotation = 'string' | 'list' | 'uint32';

/** A node of a Parquet schema: a leaf has a type, a group has children. */
export interface SchemaNode {
  readonly name: string;
  readonly repetition?: Repetition | undefined;
  readonly type?: PhysicalType | undefined;
  readonly annotation?: Annotation | undefined;
  readonly children?: readonly SchemaNode[] | undefined;
}

/** A leaf with its names from the top. */
export interface SchemaLeaf {
  readonly path: readonly string[];
  readonly type: PhysicalType;
}

const CONVERTED: Readonly<Record<Annotation, number>> = {
  string: CONVERTED_TYPE.UTF8,
  list: CONVERTED_TYPE.LIST,
  uint32: CONVERTED_TYPE.UINT_32,
};

/** A flat column. */
export function flat(name: string, type: PhysicalType, repetition: Repetition, annotation?: Annotation): SchemaNode {
  return { name, type, repetition, annotation };
}

/** A list in the three-level form of the format; its elements are required. */
export function list(name: string, repetition: Repetition, element: SchemaNode): SchemaNode {
  const repeated = { name: 'list', repetition: REPETITION.REPEATED, children: [element] };
  return { name, repetition, annotation: 'list', children: [repeated] };
}

/** The node and all below it, parents first: the order of the footer. */
export function flatten(node: SchemaNode): readonly SchemaNode[] {
  return [node, ...(node.children ?? []).flatMap((child) => flatten(child))];
}

/** The leaves below a node, in order: the column chunks of a row group. */
export function leavesOf(node: SchemaNode, path: readonly string[] = [node.name]): readonly SchemaLeaf[] {
  if (node.type !== undefined) return [{ path, type: node.type }];
  return (node.children ?? []).flatMap((child) => leavesOf(child, [...path, child.name]));
}

/** Write the fields of a SchemaElement. */
export function writeSchemaNode(thrift: ThriftWriter, node: SchemaNode): void {
  if (node.type !== undefined) thrift.i32(1, node.type);
  if (node.repetition !== undefined) thrift.i32(3, node.repetition);
  thrift.binary(4, node.name);
  if (node.children !== undefined) thrift.i32(5, node.children.length);
  if (node.annotation === undefined) return;
  thrift.i32(6, CONVERTED[node.annotation]).struct(10);
  writeLogicalType(thrift, node.annotation);
  thrift.end();
}

function writeLogicalType(thrift: ThriftWriter, annotation: Annotation): void {
  if (annotation === 'uint32') {
    thrift.struct(LOGICAL_TYPE.INTEGER).i8(1, 32).bool(2, false).end();
  } else {
    thrift.struct(annotation === 'string' ? LOGICAL_TYPE.STRING : LOGICAL_TYPE.LIST).end();
  }
}
