import { createReadStream } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';
import { DIMENSION } from './points.js';

/** What an export left. */
export interface Output {
  readonly rows: number;
  /** Different identifiers among them. */
  readonly ids: number;
  /** Rows that have a vector of the right length. */
  readonly vectors: number;
}

const ID_KEYS = ['id', '_id', 'uuid'];

/** Count what is in a folder of Parquet files or of one file of lines, wherever the files are in it. */
export async function checkOutput(folder: string): Promise<Output> {
  for await (const name of glob('**/*.{ndjson,json}', { cwd: folder })) {
    if (/points\.(?:ndjson|json)$/.test(name)) return checkLines(join(folder, name));
  }
  return checkParquet(join(folder, '**/*.parquet'));
}

async function checkLines(path: string): Promise<Output> {
  const ids = new Set<unknown>();
  let rows = 0;
  let vectors = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line === '') continue;
    const value = JSON.parse(line) as Readonly<Record<string, unknown>>;
    rows++;
    if (hasVector(value)) vectors++;
    ids.add(ID_KEYS.map((key) => value[key]).find((id) => id !== undefined));
  }
  return { rows, ids: ids.size, vectors };
}

/** Whether there is a list of as many numbers as a vector has, at any depth. */
function hasVector(value: unknown): boolean {
  if (Array.isArray(value))
    return value.length === DIMENSION ? value.every((item) => typeof item === 'number') : value.some(hasVector);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasVector);
}

/** Columns of vectors: lists in ours, the numbers as JSON or as bytes in those of Weaviate's own export. */
async function checkParquet(pattern: string): Promise<Output> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const from = `FROM read_parquet('${pattern}')`;
    const columns = (await connection.runAndReadAll(`DESCRIBE SELECT * ${from}`)).getRowObjects();
    const lengths = columns
      .map(({ column_name, column_type }) => ({ name: String(column_name), type: String(column_type) }))
      .filter(({ name }) => /^(?:vector|named_vectors)/.test(name))
      .map(({ name, type }) =>
        type.endsWith('[]')
          ? `coalesce(len("${name}"), 0) = ${DIMENSION}`
          : `coalesce(octet_length("${name}"), 0) >= ${DIMENSION * 4}`,
      );
    const sql = `SELECT count(*)::INT AS rows, count(DISTINCT id)::INT AS ids,
      count(*) FILTER (WHERE ${lengths.join(' OR ') || 'false'})::INT AS vectors ${from}`;
    const [counted] = (await connection.runAndReadAll(sql)).getRowObjects();
    return counted as unknown as Output;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
