import type { ProtoWriter } from '@vecport/wire';
import type { Condition, ServerFilter } from './conditions.js';

/** A filter as the gRPC interface takes it, as the value of a field. */
export function writeFilter(writer: ProtoWriter, field: number, filter: ServerFilter): void {
  writer.message(field, (inner) => {
    for (const condition of filter.should ?? []) writeCondition(inner, 1, condition);
    for (const condition of filter.must ?? []) writeCondition(inner, 2, condition);
    for (const condition of filter.mustNot ?? []) writeCondition(inner, 3, condition);
  });
}

function writeCondition(writer: ProtoWriter, field: number, condition: Condition): void {
  writer.message(field, (inner) => {
    if (condition.kind === 'filter') writeFilter(inner, 4, condition);
    else inner.message(1, (about) => writeFieldCondition(about.text(1, condition.key), condition));
  });
}

function writeFieldCondition(writer: ProtoWriter, condition: Exclude<Condition, { kind: 'filter' }>): void {
  switch (condition.kind) {
    case 'match':
      writer.message(2, (match) => {
        const { value } = condition;
        if (typeof value === 'string') match.text(1, value);
        else if (typeof value === 'boolean') match.bool(3, value);
        else match.int64(2, value);
      });
      return;
    case 'any':
      writer.message(2, (match) => {
        const texts = typeof condition.values[0] === 'string';
        match.message(texts ? 5 : 6, (list) => {
          for (const value of condition.values) {
            if (typeof value === 'string') list.text(1, value);
            else list.int64(1, value);
          }
        });
      });
      return;
    case 'range':
      writer.message(3, (range) => {
        const { lt, gt, gte, lte } = condition.range;
        for (const [number, bound] of [lt, gt, gte, lte].entries()) {
          if (bound !== undefined) range.double(number + 1, bound);
        }
      });
  }
}
