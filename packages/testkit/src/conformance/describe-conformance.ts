import { VecportError } from '@vecport/abstractions';
import { removeTempFolders } from '../helpers/temp-folder.js';
import { conformanceChecks } from '../suites/index.js';
import { absenceTable, unknownAbsences } from './absence-table.js';
import { type ConformanceCheck, checkTitle } from './check.js';
import { keepResults } from './conformance-results.js';
import type { ConformanceOptions } from './options.js';
import { type CheckOutcome, type ConformanceSession, openSession } from './session.js';

type Hook = (work: () => Promise<void>, timeout?: number) => void;
type Block = (name: string, body: () => void) => void;
type Test = (name: string, work: () => Promise<void>, timeout?: number) => void;

/** The functions of a test framework that are used; those of jest fit. */
export interface TestFramework {
  readonly describe: Block;
  readonly it: Test;
  readonly beforeAll: Hook;
  readonly afterAll: Hook;
}

/**
 * The conformance suite as tests: call it at the top of a test file. It opens the store once, runs
 * every check on collections of its own, prints what is declared absent and why, and fails when a
 * check was neither run nor declared absent.
 *
 * The test functions are the global ones of jest, unless `framework` is given: this package is also
 * used outside of tests, where importing jest's is an error.
 */
export function describeConformance(
  name: string,
  options: ConformanceOptions,
  framework: TestFramework = globalFramework(),
): void {
  const { describe, it, beforeAll, afterAll } = framework;
  const timeout = options.timeoutMs ?? 60_000;
  const outcomes: CheckOutcome[] = [];
  let session: ConformanceSession | undefined;
  describe(`conformance of ${name}`, () => {
    beforeAll(async () => {
      session = await openSession(name, options);
    }, timeout);
    afterAll(async () => {
      process.stdout.write(absenceTable(name, outcomes, options));
      try {
        if (session !== undefined) await keepResults(name, session.traits, outcomes, options);
        await session?.close();
      } finally {
        await removeTempFolders();
      }
    }, timeout);
    for (const [suite, checks] of bySuite(conformanceChecks)) {
      describe(suite, () => {
        for (const check of checks) {
          it(
            check.name,
            async () => {
              if (session === undefined)
                throw new VecportError('invalid-argument', 'The store under test did not open.');
              const outcome = await session.run(check);
              outcomes.push(outcome);
              if (outcome.status === 'failed') throw outcome.error;
            },
            timeout,
          );
        }
      });
    }
    it('every check was run or is declared absent, and every absence is a known one', async () => {
      assertComplete(outcomes, options);
    });
  });
}

function assertComplete(outcomes: readonly CheckOutcome[], options: ConformanceOptions): void {
  const seen = new Set(outcomes.map(checkTitle));
  const problems = [
    ...conformanceChecks
      .map(checkTitle)
      .filter((title) => !seen.has(title))
      .map((title) => `not run: ${title}`),
    ...unknownAbsences(options).map((key) => `declared absent, but no check is called so or needs it: ${key}`),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function bySuite(checks: readonly ConformanceCheck[]): ReadonlyMap<string, readonly ConformanceCheck[]> {
  return Map.groupBy(checks, (check) => check.suite);
}

/** The functions of jest. @throws VecportError `invalid-argument` outside of a test file. */
export function globalFramework(): TestFramework {
  const { describe, it, beforeAll, afterAll } = globalThis as Partial<TestFramework>;
  if (describe === undefined || it === undefined || beforeAll === undefined || afterAll === undefined) {
    throw new VecportError('invalid-argument', 'describeConformance was called outside of a test file.', {
      advice: 'Call runConformance there, or pass the functions of the test framework.',
    });
  }
  return { describe, it, beforeAll, afterAll };
}
