import type { PartVector } from '../part-codec.js';
import { REPETITION, TYPE } from './format.js';
import { flat, list, type SchemaNode } from './schema-node.js';

/** The column of a vector: lists of required floats, null where a row has none. */
export function vectorNode(name: string, vector: PartVector): SchemaNode {
  const { OPTIONAL, REQUIRED } = REPETITION;
  const float = flat('element', TYPE.FLOAT, REQUIRED);
  switch (vector.kind) {
    case 'dense':
      return list(name, OPTIONAL, float);
    case 'multi':
      return list(name, OPTIONAL, list('element', REQUIRED, float));
    case 'sparse': {
      const index = flat('element', TYPE.INT32, REQUIRED, 'uint32');
      const children = [list('indices', REQUIRED, index), list('values', REQUIRED, float)];
      return { name, repetition: OPTIONAL, children };
    }
  }
}
