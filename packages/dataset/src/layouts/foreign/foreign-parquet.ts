import { isVecportError, type VecportError } from '@vecport/abstractions';
import { type FileMetaData, parquetMetadata, type SchemaElement } from 'hyparquet';
import { corrupt } from '../../parquet/corrupt.js';
import { readFooterBytes } from '../../parquet/footer-reader.js';
import { MAGIC } from '../../parquet/format.js';
import type { ByteSource } from '../../part-codec.js';

/** A larger footer is not read: it describes some hundred thousand column chunks. */
const MAX_FOOTER_BYTES = 64 << 20;

/** A leaf of a Parquet schema: the elements from the top-level column down to it. */
export interface ForeignLeaf {
  readonly path: readonly string[];
  readonly elements: readonly SchemaElement[];
  /** Its number among the leaves, which is that of its chunk in each row group. */
  readonly index: number;
}

/** A Parquet file of any writer, whose footer was read. */
export interface ForeignFile {
  readonly source: ByteSource;
  readonly metadata: FileMetaData;
  readonly rows: number;
  /** Key-value metadata. */
  readonly keyValues: ReadonlyMap<string, string>;
  /** Leaves by the name of their top-level column. */
  readonly columns: ReadonlyMap<string, readonly ForeignLeaf[]>;
}

/**
 * Read the footer of a Parquet file of any writer.
 * @throws VecportError `corrupt-data` where it is none, `not-supported` for encrypted files.
 */
export async function openForeignParquet(source: ByteSource): Promise<ForeignFile> {
  if (source.size < 12) throw corrupt(`${source.size} bytes are too few for a Parquet file.`);
  const length = Buffer.from(await source.read(source.size - 8, source.size)).readUInt32LE(0);
  if (length > MAX_FOOTER_BYTES && length < source.size) throw corrupt(`its footer has ${length} bytes.`);
  const footer = await readFooterBytes(source);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(footer.length);
  const metadata = decoded('the footer', () =>
    parquetMetadata(new Uint8Array(Buffer.concat([footer, tail, MAGIC])), { geoparquet: false }),
  );
  const rows = Number(metadata.num_rows);
  const inGroups = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (rows !== inGroups) throw corrupt(`the footer says ${rows} rows and its row groups have ${inGroups}.`);
  return {
    source,
    metadata,
    rows,
    keyValues: new Map(metadata.key_value_metadata?.map(({ key, value = '' }) => [key, value])),
    columns: Map.groupBy(leavesOf(metadata.schema), ({ path }) => path[0] ?? ''),
  };
}

/** Run what hyparquet throws plain errors from. @throws VecportError `corrupt-data`. */
function decoded<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asCorrupt(place, error);
  }
}

/** An error of hyparquet as one of ours. */
export function asCorrupt(place: string, error: unknown): VecportError {
  if (isVecportError(error)) return error;
  return corrupt(`${place} cannot be decoded: ${error instanceof Error ? error.message : String(error)}.`, error);
}

function leavesOf(schema: readonly SchemaElement[]): readonly ForeignLeaf[] {
  const leaves: ForeignLeaf[] = [];
  let at = 1;
  const walk = (elements: readonly SchemaElement[]): void => {
    if (elements.length > 16) throw corrupt('the schema is nested too deeply.');
    const element = schema[at++];
    if (element === undefined) throw corrupt('the schema ends too early.');
    const path = [...elements, element];
    const children = element.num_children ?? 0;
    for (let child = 0; child < children; child++) walk(path);
    if (children === 0) leaves.push({ path: path.map(({ name }) => name), elements: path, index: leaves.length });
  };
  const columns = schema[0]?.num_children ?? 0;
  for (let column = 0; column < columns; column++) walk([]);
  return leaves;
}
