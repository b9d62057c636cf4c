import type { ProtoReader } from '@vecport/wire';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, jsonObject } from './json-value.js';
import { type ProtoSchema, readProto } from './proto-codec.js';
import { notInFake } from './server-error.js';

const KEY: ProtoSchema = { 1: ['key', 'text'] };
const NUMBERS: ProtoSchema = { 1: ['integers', 'i64', 'list'] };
const TEXTS: ProtoSchema = { 1: ['strings', 'text', 'list'] };
const MATCH: ProtoSchema = {
  1: ['keyword', 'text'],
  2: ['integer', 'i64'],
  3: ['boolean', 'bool'],
  4: ['text', 'text'],
  5: ['keywords', TEXTS],
  6: ['integers', NUMBERS],
  7: ['except_integers', NUMBERS],
  8: ['except_keywords', TEXTS],
  9: ['phrase', 'text'],
  10: ['text_any', 'text'],
};
const RANGE: ProtoSchema = { 1: ['lt', 'double'], 2: ['gt', 'double'], 3: ['gte', 'double'], 4: ['lte', 'double'] };
const TIME: ProtoSchema = { 1: ['seconds', 'i64'], 2: ['nanos', 'i64'] };
const FIELD: ProtoSchema = {
  1: ['key', 'text'],
  2: ['match', MATCH],
  3: ['range', RANGE],
  4: ['geo_bounding_box', {}],
  5: ['geo_radius', {}],
  6: ['values_count', { 1: ['lt', 'u64'], 2: ['gt', 'u64'], 3: ['gte', 'u64'], 4: ['lte', 'u64'] }],
  7: ['geo_polygon', {}],
  8: ['datetime_range', { 1: ['lt', TIME], 2: ['gt', TIME], 3: ['gte', TIME], 4: ['lte', TIME] }],
  9: ['is_empty', 'bool'],
  10: ['is_null', 'bool'],
};
const CONDITION: ProtoSchema = {
  1: ['field', FIELD],
  2: ['is_empty', KEY],
  3: ['has_id', { 1: ['has_id', 'id', 'list'] }],
  4: ['filter', () => FILTER],
  5: ['is_null', KEY],
  6: ['nested', { 1: ['key', 'text'], 2: ['filter', () => FILTER] }],
  7: ['has_vector', { 1: ['has_vector', 'text', 'implicit'] }],
};
const FILTER: ProtoSchema = {
  1: ['should', () => CONDITION, 'list'],
  2: ['must', () => CONDITION, 'list'],
  3: ['must_not', () => CONDITION, 'list'],
  4: ['min_should', { 1: ['conditions', () => CONDITION, 'list'], 2: ['min_count', 'u64'] }],
};

/** Read a `Filter`, to the end of its message, as the REST interface has it. */
export function readProtoFilter(reader: ProtoReader): JsonObject {
  return restFilter(readProto(reader, FILTER));
}

function restFilter(filter: JsonObject): JsonObject {
  return new Map(
    Array.from(filter, ([clause, value]): [string, JsonValue] => {
      if (isJsonArray(value)) return [clause, value.map(restCondition)];
      const conditions = isJsonObject(value) ? value.get('conditions') : undefined;
      const count = isJsonObject(value) ? value.get('min_count') : undefined;
      return [
        clause,
        jsonObject({
          conditions: isJsonArray(conditions) ? conditions.map(restCondition) : [],
          min_count: count ?? 0n,
        }),
      ];
    }),
  );
}

function restCondition(condition: JsonValue): JsonValue {
  const [entry] = isJsonObject(condition) ? condition : [];
  if (entry === undefined || !isJsonObject(entry[1])) throw notInFake('condition of that kind');
  const [kind, value] = entry;
  if (kind === 'field') return restField(value);
  if (kind === 'filter') return restFilter(value);
  if (kind === 'has_id') return jsonObject({ has_id: value.get('has_id') ?? [] });
  if (kind === 'has_vector') return jsonObject({ has_vector: value.get('has_vector') ?? '' });
  const filter = value.get('filter');
  if (kind === 'nested' && isJsonObject(filter)) {
    return jsonObject({ nested: jsonObject({ key: value.get('key'), filter: restFilter(filter) }) });
  }
  return jsonObject({ [kind]: value });
}

function restField(field: JsonObject): JsonObject {
  const rest = new Map<string, JsonValue>();
  for (const [name, value] of field) {
    if (name === 'match' && isJsonObject(value)) rest.set('match', restMatch(value));
    else if (name === 'datetime_range' && isJsonObject(value)) rest.set('range', restTimes(value));
    else rest.set(name, value);
  }
  return rest;
}

function restMatch(match: JsonObject): JsonObject {
  const [entry] = match;
  if (entry === undefined) throw notInFake('match of that kind');
  const [kind, value] = entry;
  if (kind === 'keyword' || kind === 'integer' || kind === 'boolean') return jsonObject({ value });
  if (!isJsonObject(value)) return jsonObject({ [kind]: value });
  const list = value.get('strings') ?? value.get('integers') ?? [];
  return jsonObject({ [kind.startsWith('except_') ? 'except' : 'any']: list });
}

function restTimes(range: JsonObject): JsonObject {
  return new Map(Array.from(range, ([how, time]) => [how, isJsonObject(time) ? timeText(time) : time]));
}

function timeText(time: JsonObject): string {
  const seconds = Number(time.get('seconds') ?? 0n);
  const nanos = Number(time.get('nanos') ?? 0n);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`;
}
