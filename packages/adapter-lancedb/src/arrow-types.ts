import type { FieldType } from '@vecport/abstractions';
import type { DataType, FixedSizeList, Float32, List } from 'apache-arrow';
import type { ArrowLibrary } from './client.js';

/** Column type of a dense vector. */
export function denseType(arrow: ArrowLibrary, dimension: number): FixedSizeList<Float32> {
  return new arrow.FixedSizeList(dimension, new arrow.Field('item', new arrow.Float32(), true));
}

/** Column type of a list of dense vectors. */
export function multiType(arrow: ArrowLibrary, dimension: number): List<FixedSizeList<Float32>> {
  return new arrow.List(new arrow.Field('item', denseType(arrow, dimension), true));
}

/** Column type of a metadata field. */
export function fieldType(arrow: ArrowLibrary, type: FieldType): DataType {
  switch (type) {
    case 'string':
      return new arrow.Utf8();
    case 'integer':
      return new arrow.Int64();
    case 'number':
      return new arrow.Float64();
    case 'boolean':
      // 0 and 1: Arrow's writer leaves out the bits of a Bool column that is all null, and LanceDB refuses that.
      return new arrow.Int8();
    case 'string[]':
      return new arrow.List(new arrow.Field('item', new arrow.Utf8(), true));
    case 'integer[]':
      return new arrow.List(new arrow.Field('item', new arrow.Int64(), true));
    case 'number[]':
      return new arrow.List(new arrow.Field('item', new arrow.Float64(), true));
  }
}

/** Arrow's name of a type, e.g. `List<Utf8>`; the same for every copy of the library. */
export function typeName(type: { toString(): string }): string {
  return type.toString();
}
