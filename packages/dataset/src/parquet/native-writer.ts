import { VecportError, type VectorBatch, type VectorId } from '@vecport/abstractions';
import { checkLayoutBatch } from '../layouts/layout-faults.js';
import { createOneAtATime } from '../one-at-a-time.js';
import type { ByteSink, PartSchema, PartSummary, PartWriter } from '../part-codec.js';
import { ByteBuffer } from './byte-buffer.js';
import { checkBatch } from './check-batch.js';
import type { ChunkStatistics, ColumnChunk } from './column-chunk.js';
import type { ColumnEncoder, EncoderSettings } from './column-encoder.js';
import { compareIds } from './compare-ids.js';
import { denseEncoder } from './dense-encoder.js';
import { IdEncoder, MetadataEncoder, TimeEncoder } from './flat-encoders.js';
import { encodeFooter, type WrittenChunk, type WrittenRowGroup } from './footer-writer.js';
import { ENCODING, MAGIC, MAX_ROW_BYTES } from './format.js';
import { type Column, columnsOf } from './layout.js';
import { multiEncoder, sparseEncoder } from './list-encoders.js';
import { type Compression, type PageCodec, pageCodec } from './page-codec.js';
import { type PageLayout, pageLayout } from './page-layout.js';
import { type RowGroupCut, rowGroupCut } from './row-group-cut.js';
import { leavesOf, type SchemaLeaf } from './schema-node.js';

/** What is fixed before the first row of a Parquet part. */
export interface ParquetPartOptions {
  readonly schema: PartSchema;
  readonly compression: Compression;
  /** Of zstd and gzip; 1 if not said. */
  readonly level?: number | undefined;
  /** How floats are laid out in a page: as they are, or with their bytes split into four streams, which compress better. */
  readonly vectors: 'plain' | 'split';
  /** Instead of the schema's {@link pageLayout}. */
  readonly pageRows?: number | undefined;
  /** Rows of every row group but the last, instead of the schema's {@link pageLayout}. */
  readonly rowGroupRows?: number | undefined;
}

/** The encoder of a column that is of no layout of our own. */
export type LayoutEncoder = (column: Column, leaf: SchemaLeaf, settings: EncoderSettings) => ColumnEncoder | undefined;

/**
 * As `createParquetPartWriter`, which see. What is not in the native layout is encoded by `other`, so that who has only native
 * parts need not load the encoders of the rest.
 */
export function createNativeWriter(options: ParquetPartOptions, sink: ByteSink, other?: LayoutEncoder): PartWriter {
  checkSchema(options.schema);
  const layout = pageLayout(options.schema, definedOnly(options));
  const columns = columnsOf(options.schema);
  const settings: EncoderSettings = {
    codec: pageCodec(options.compression, options.level),
    floatEncoding: options.vectors === 'plain' ? ENCODING.PLAIN : ENCODING.BYTE_STREAM_SPLIT,
    pageRows: layout.pageRows,
    scratch: new ByteBuffer(),
  };
  const encoders = columns.map((column) => encoderFor(column, settings, other));
  return new ParquetPartWriter(options.schema, columns, encoders, settings.codec, layout, sink);
}

class ParquetPartWriter implements PartWriter {
  readonly #schema: PartSchema;
  readonly #columns: readonly Column[];
  readonly #encoders: readonly ColumnEncoder[];
  readonly #cut: RowGroupCut;
  readonly #sink: ByteSink;
  readonly #streamed: number;
  readonly #codec: PageCodec;
  readonly #groups: WrittenRowGroup[] = [];
  readonly #turn = createOneAtATime('The Parquet part');
  #bytes = 0;
  #rows = 0;
  #groupStart = 0;
  #groupOffset = MAGIC.length;
  #minId: VectorId | undefined;
  #maxId: VectorId | undefined;

  constructor(
    schema: PartSchema,
    columns: readonly Column[],
    encoders: readonly ColumnEncoder[],
    codec: PageCodec,
    layout: PageLayout,
    sink: ByteSink,
  ) {
    this.#schema = schema;
    this.#columns = columns;
    this.#encoders = encoders;
    this.#cut = rowGroupCut(layout);
    this.#streamed = columns.findIndex(({ content }) => content.kind === 'vector' && content.name === layout.streamed);
    this.#sink = sink;
    this.#codec = codec;
  }

  get rows(): number {
    return this.#rows;
  }

  async write(batch: VectorBatch): Promise<void> {
    this.#turn.check();
    checkBatch(this.#schema, batch);
    checkLayoutBatch(this.#schema, batch);
    await this.#turn.step(async () => {
      for (let row = 0; row < batch.ids.length; ) {
        const end = row + this.#cut.take(batch, row);
        for (const encoder of this.#encoders) encoder.append(batch, row, end);
        this.#rows += end - row;
        row = end;
        await this.#putFullPages();
        if (this.#cut.isFull()) await this.#endRowGroup();
      }
    });
  }

  async finish(): Promise<PartSummary> {
    this.#turn.check();
    await this.#turn.step(async () => {
      if (this.#rows > this.#groupStart) await this.#endRowGroup();
      await this.#put([encodeFooter(this.#columns, this.#groups, this.#schema)]);
    });
    this.#turn.end();
    return { rows: this.#rows, bytes: this.#bytes, minId: this.#minId, maxId: this.#maxId };
  }

  async #endRowGroup(): Promise<void> {
    const ended = this.#encoders.map((encoder) => encoder.endRowGroup());
    const streamed = ended[this.#streamed] ?? [];
    const inFile = [...streamed, ...ended.flatMap((chunks) => (chunks === streamed ? [] : chunks))];
    const starts = new Map<ColumnChunk, number>();
    let start = this.#groupOffset;
    for (const chunk of inFile) {
      starts.set(chunk, start);
      start += chunk.bytes;
      if (chunk.statistics !== undefined) this.#keepRange(chunk.statistics);
    }
    const chunks = ended.flat().map((chunk): WrittenChunk => {
      const { buffers: _, ...description } = chunk;
      return { ...description, start: starts.get(chunk) ?? 0 };
    });
    this.#groups.push({ rows: this.#rows - this.#groupStart, chunks });
    this.#groupStart = this.#rows;
    this.#groupOffset = start;
    this.#cut.reset();
    await this.#put(inFile.flatMap(({ buffers }) => buffers));
  }

  async #putFullPages(): Promise<void> {
    const pages = this.#encoders[this.#streamed]?.drain?.() ?? [];
    if (pages.length > 0) await this.#put(pages);
  }

  async #put(buffers: readonly Uint8Array[]): Promise<void> {
    const all = this.#bytes === 0 ? [MAGIC, ...buffers] : buffers;
    for (const buffer of all) this.#bytes += buffer.length;
    await this.#sink(all);
    this.#codec.spend(buffers);
  }

  #keepRange({ min, max }: ChunkStatistics): void {
    if (min !== undefined && (this.#minId === undefined || compareIds(min, this.#minId) < 0)) this.#minId = min;
    if (max !== undefined && (this.#maxId === undefined || compareIds(max, this.#maxId) > 0)) this.#maxId = max;
  }
}

function encoderFor(column: Column, settings: EncoderSettings, other?: LayoutEncoder): ColumnEncoder {
  const { content, node } = column;
  const leaves = leavesOf(node);
  const leaf = leafAt(leaves, 0);
  switch (content.kind) {
    case 'id':
      return new IdEncoder(leaf, settings);
    case 'metadata':
      return new MetadataEncoder(leaf, settings);
    case 'createdAt':
    case 'updatedAt':
      return new TimeEncoder(content.kind, leaf, settings);
    case 'vector': {
      const { name, vector } = content;
      if (vector.kind === 'sparse') return sparseEncoder(name, [leaf, leafAt(leaves, 1)], settings);
      const encoder = vector.kind === 'dense' ? denseEncoder : multiEncoder;
      return encoder(name, vector.dimension ?? 0, leaf, settings);
    }
    default: {
      const encoder = other?.(column, leaf, settings);
      if (encoder === undefined) throw new RangeError(`The native layout has no column of the kind '${content.kind}'.`);
      return encoder;
    }
  }
}

function leafAt(leaves: readonly SchemaLeaf[], index: number): SchemaLeaf {
  const leaf = leaves[index];
  if (leaf === undefined) throw new RangeError(`The column has no leaf ${index}.`);
  return leaf;
}

function checkSchema(schema: PartSchema): void {
  for (const [name, { dimension }] of Object.entries(schema.vectors)) {
    if (!name.isWellFormed()) {
      throw new VecportError('invalid-argument', `The vector name ${JSON.stringify(name)} has half a surrogate pair.`);
    }
    if (dimension !== undefined && !(Number.isInteger(dimension) && dimension >= 0 && dimension <= MAX_ROW_BYTES / 4)) {
      throw new VecportError('invalid-argument', `The vector '${name}' has the dimension ${dimension}.`, {
        advice: `Give a whole number up to ${MAX_ROW_BYTES / 4}.`,
      });
    }
  }
}

function definedOnly(options: ParquetPartOptions): { pageRows?: number; rowGroupRows?: number } {
  const { pageRows, rowGroupRows } = options;
  return { ...(pageRows === undefined ? {} : { pageRows }), ...(rowGroupRows === undefined ? {} : { rowGroupRows }) };
}
