import type { FieldSpec } from '@vecport/abstractions';
import { DATA_TYPE } from '../../src/data-types.js';
import { type Layout, readLayout } from '../../src/layout.js';
import { type MilvusField, NO_FIELD } from '../../src/schema.js';
import { type ServerInfo, serverInfo } from '../../src/server-kind.js';

export const MILVUS: ServerInfo = serverInfo('v2.3.5');
export const LITE_3: ServerInfo = serverInfo('milvus_lite-3.2.2');
export const LITE_2: ServerInfo = serverInfo(undefined);

/** A field. */
export function field(name: string, type: number, more: Partial<MilvusField> = {}): MilvusField {
  return { ...NO_FIELD, name, type, ...more };
}

/** The layout of a collection that Vecport made, with one vector. */
export function ownLayout(fields: readonly FieldSpec[] = [], key: 'int64' | 'varchar' = 'varchar'): Layout {
  const description = JSON.stringify({ vecport: 1, idKinds: ['string'], vectors: { default: 'vector' }, fields });
  return layoutOf(description, key, []);
}

/** The layout of a collection that another program made. */
export function foreignLayout(scalars: readonly MilvusField[], dynamic = true): Layout {
  return layoutOf('', 'int64', scalars, dynamic);
}

function layoutOf(
  description: string,
  key: 'int64' | 'varchar',
  scalars: readonly MilvusField[],
  dynamic = true,
): Layout {
  const fields = [
    field('id', key === 'int64' ? DATA_TYPE.Int64 : DATA_TYPE.VarChar, { isPrimaryKey: true }),
    field('vector', DATA_TYPE.FloatVector, { params: { dim: '2' } }),
    ...scalars,
  ];
  const schema = { description, autoId: false, dynamic, fields, functions: [], structs: [] };
  return readLayout('points', { schema, properties: {}, shards: 1, consistencyLevel: 0 }, []);
}
