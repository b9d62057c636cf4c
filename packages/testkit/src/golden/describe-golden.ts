import { readFile, writeFile } from 'node:fs/promises';
import type { CollectionDescription } from '@vecport/abstractions';
import { assertSame } from '../conformance/assert-same.js';
import { globalFramework, type TestFramework } from '../conformance/describe-conformance.js';
import type { ConformanceOptions } from '../conformance/options.js';
import { hostUnderTest, openStoreUnderTest } from '../conformance/store-under-test.js';
import { goldenOutcomes, goldenRecords } from './golden-outcomes.js';
import { GOLDEN_DIMENSION } from './golden-vectors.js';

/** Where the golden corpus is written to, and what must become of it. */
export interface GoldenOptions
  extends Pick<ConformanceOptions, 'adapter' | 'settings' | 'client' | 'open' | 'cleanup' | 'timeoutMs'> {
  /** JSON file with one outcome for every golden record, see `GoldenOutcome`. */
  readonly outcomes: URL;
  /** The collection; its default vector has the golden dimension. A metric that leaves vectors as they are is best. */
  readonly collection: Omit<CollectionDescription, 'vectors'> & Partial<Pick<CollectionDescription, 'vectors'>>;
}

/**
 * A test that writes every record of the golden corpus to a store and compares what became of each with a
 * checked-in table. With `VECPORT_WRITE_GOLDEN=1` the table is written instead and the test fails, so that
 * a person looks at it. An outcome that begins with `changed` is never allowed.
 */
export function describeGolden(
  name: string,
  options: GoldenOptions,
  framework: Pick<TestFramework, 'describe' | 'it'> = globalFramework(),
): void {
  framework.describe(`the golden corpus in ${name}`, () => {
    framework.it(
      'every record is kept, mapped or refused, as the table says',
      async () => {
        const outcomes = await outcomesIn(name, options);
        if (process.env['VECPORT_WRITE_GOLDEN'] === '1') {
          await writeFile(options.outcomes, `${JSON.stringify(outcomes, undefined, 2)}\n`);
          throw new Error(`The outcomes were written to ${options.outcomes.pathname}: check them.`);
        }
        const expected = JSON.parse(await readFile(options.outcomes, 'utf8')) as Readonly<Record<string, string>>;
        assertSame(asLines(outcomes), asLines(expected), 'the outcomes differ from the table');
        assertSame(
          Object.keys(outcomes),
          goldenRecords().map((record) => record.name),
          'the corpus is another',
        );
        assertSame(
          asLines(outcomes).filter((line) => line.includes(': changed')),
          [],
          'records were changed',
        );
      },
      options.timeoutMs ?? 120_000,
    );
  });
}

async function outcomesIn(name: string, options: GoldenOptions): Promise<Readonly<Record<string, string>>> {
  const host = await hostUnderTest(name, options);
  try {
    const store = await openStoreUnderTest(host);
    const description: CollectionDescription = {
      vectors: {
        default: { kind: 'dense', dimension: GOLDEN_DIMENSION, elementType: 'float32', metric: metricOf(store.traits) },
      },
      ...options.collection,
    };
    await store.create(description);
    try {
      return await goldenOutcomes(await store.repository(description.name));
    } finally {
      await store.drop(description.name);
    }
  } finally {
    await host.close();
    await options.cleanup?.();
  }
}

function metricOf({ metrics, normalizes }: { metrics: readonly string[]; normalizes: readonly string[] }) {
  const kept = metrics.find((metric) => !normalizes.includes(metric)) ?? 'cosine';
  return kept as NonNullable<CollectionDescription['vectors'][string]['metric']>;
}

function asLines(outcomes: Readonly<Record<string, string>>): string[] {
  return Object.entries(outcomes).map(([record, outcome]) => `${record}: ${outcome}`);
}
