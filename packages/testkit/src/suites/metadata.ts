import assert from 'node:assert/strict';
import { metadataText, rows, type VectorBatch } from '@vecport/abstractions';
import { assertSame } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';
import { collectExport } from '../conformance/collect-export.js';
import { type ConformanceContext, DIMENSION, writeAll } from '../conformance/context.js';
import { canonicalMetadata } from '../conformance/fingerprint.js';
import { GOLDEN_METADATA, type GoldenMetadata } from '../golden/golden-metadata.js';

/**
 * Metadata: what comes back says the same as what was written, numbers spelled alike, or it is the documented
 * deviation. White space, escapes and the order of keys are the provider's.
 */
export const metadataSuite = suite('metadata', [
  {
    name: 'golden metadata comes back by get as it was written or as documented',
    run: async (context) => {
      const { repository, golden } = await goldenCollection(context);
      assertTexts([await repository.get(golden.map((_, n) => context.id(n)))], context, golden);
    },
  },
  {
    name: 'golden metadata comes back by exportAll as it was written or as documented',
    needs: ['exportAll'],
    run: async (context) => {
      const { repository, golden } = await goldenCollection(context);
      assertTexts((await collectExport(repository, { batchSize: 7 })).batches, context, golden);
    },
  },
  {
    name: 'a search gives the metadata of the points it finds',
    run: async (context) => {
      const { repository, points } = await context.filled(10);
      const wanted = points[4];
      const [match] = await repository.search({ vector: wanted?.embedding ?? new Float32Array(DIMENSION), topK: 1 });
      assert.equal(match?.id, wanted?.id);
      assertSame(match?.metadata, wanted?.metadata);
    },
  },
  {
    name: 'metadata the provider refuses is refused aloud',
    run: async (context) => {
      const refused = GOLDEN_METADATA.filter(({ name }) => context.options.refusedMetadata?.[name] !== undefined);
      const repository = await context.create();
      for (const [n, { name, text }] of refused.entries()) {
        const point = {
          id: context.id(n),
          embedding: vector(n),
          ...(text === undefined ? {} : { metadataText: text }),
        };
        const failures = await repository.upsertMany([point]).then(
          (report) => report.failed.length,
          () => 1,
        );
        assert.equal(failures, 1, `golden metadata '${name}' is refused`);
      }
      assert.equal(await repository.count(), 0);
      assertSame([...rows(await repository.get(refused.map((_, n) => context.id(n))))], []);
    },
  },
]);

async function goldenCollection(context: ConformanceContext) {
  const golden = GOLDEN_METADATA.filter(({ name }) => context.options.refusedMetadata?.[name] === undefined);
  const repository = await context.create();
  await writeAll(
    repository,
    golden.map(({ text }, n) => ({
      id: context.id(n),
      embedding: vector(n),
      ...(text === undefined ? {} : { metadataText: text }),
    })),
  );
  return { repository, golden };
}

function assertTexts(
  batches: readonly VectorBatch[],
  { options, id }: ConformanceContext,
  golden: readonly GoldenMetadata[],
): void {
  const texts = new Map(
    batches.flatMap((batch) => batch.ids.map((pointId, row) => [pointId, metadataText(batch.metadata, row)] as const)),
  );
  const problems: string[] = [];
  golden.forEach(({ name, text }, n) => {
    const deviation = options.metadataDeviations?.[name];
    const expected = deviation === undefined ? text : deviation.text;
    const actual = texts.get(id(n));
    if (!texts.has(id(n))) problems.push(`'${name}' is not there`);
    else if (canonicalMetadata(actual) !== canonicalMetadata(expected))
      problems.push(`'${name}': ${shown(actual)} instead of ${shown(expected)}`);
  });
  assertSame(problems, []);
}

function shown(text: string | undefined): string {
  return text === undefined ? 'no metadata' : JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

function vector(n: number): Float32Array {
  return Float32Array.from({ length: DIMENSION }, (_, i) => n + i + 1);
}
