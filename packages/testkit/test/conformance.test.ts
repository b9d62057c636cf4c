import { describe, expect, it } from '@jest/globals';
import type { StoreDriver } from '@vecport/abstractions';
import {
  type CheckOutcome,
  type ConformanceOptions,
  checkTitle,
  conformanceChecks,
  createMemoryStore,
  describeConformance,
  runConformance,
  type TestFramework,
} from '@vecport/testkit';

const exportChecks = conformanceChecks.filter((check) => check.suite === 'export');

describe('absences', () => {
  it('fail when they are not declared', async () => {
    const outcomes = await run({ open: async () => withoutExport('It is a test.') });
    expect(messages(outcomes)).toEqual(
      exportChecks.map(() => expect.stringContaining("'exportAll' is absent and not declared")),
    );
  });

  it('count as absent with their reason when they are declared', async () => {
    const outcomes = await run({
      open: async () => withoutExport('It is a test.'),
      absent: { exportAll: 'taken away' },
    });
    expect(outcomes.map(({ status, reason }) => `${status} ${reason}`)).toEqual(
      exportChecks.map(() => 'absent taken away'),
    );
  });

  it('fail when what is declared absent is there', async () => {
    const outcomes = await run({ open: oracle(), absent: { exportAll: 'not true' } });
    expect(messages(outcomes)).toEqual(
      exportChecks.map(() => expect.stringContaining('declared absent, but it is there')),
    );
  });

  it('fail when a method is absent without a reason in the message', async () => {
    const outcomes = await run({ open: async () => withoutExport(' '), absent: { exportAll: 'taken away' } });
    expect(messages(outcomes)).toEqual(exportChecks.map(() => expect.stringContaining('gives a reason')));
  });

  it('of a single check hold only while it fails', async () => {
    const title = 'export: an empty collection gives no batch';
    const outcomes = await run({ open: oracle(), absent: { [title]: 'not true' } });
    const outcome = outcomes.find((one) => checkTitle(one) === title);
    expect(String(outcome?.error)).toContain('declared absent, but it passes');
  });
});

describe('describeConformance', () => {
  it('fails when a check was not run, and when an absence is unknown', async () => {
    const { framework, tests } = recorded();
    describeConformance('partly run', { open: oracle(), absent: { 'no such need': 'a slip' } }, framework);
    const last = tests.at(-1);
    const [first] = conformanceChecks;
    await expect(last?.work()).rejects.toThrow(`not run: ${first === undefined ? '' : checkTitle(first)}`);
    await expect(last?.work()).rejects.toThrow('no such need');
  });

  it('makes one test for each check and one for completeness', () => {
    const { framework, tests } = recorded();
    describeConformance('recorded', { open: oracle() }, framework);
    expect(tests.map(({ name }) => name).slice(0, -1)).toEqual(conformanceChecks.map(({ name }) => name));
  });

  it('has no two checks with one title', () => {
    expect(new Set(conformanceChecks.map(checkTitle)).size).toBe(conformanceChecks.length);
  });
});

async function run(options: ConformanceOptions): Promise<readonly CheckOutcome[]> {
  return runConformance('tested', { ...options, points: 30 }, exportChecks);
}

function messages(outcomes: readonly CheckOutcome[]): string[] {
  return outcomes.map(({ error }) => String(error));
}

function oracle(): () => Promise<StoreDriver> {
  const store = createMemoryStore();
  return async () => store;
}

function withoutExport(reason: string): StoreDriver {
  const store = createMemoryStore();
  return {
    ...store,
    collection: async (name, options) => {
      const { exportAll: _exportAll, ...driver } = await store.collection(name, options);
      return { ...driver, absent: { exportAll: reason } };
    },
  };
}

function recorded(): {
  readonly framework: TestFramework;
  readonly tests: { name: string; work: () => Promise<void> }[];
} {
  const tests: { name: string; work: () => Promise<void> }[] = [];
  const framework: TestFramework = {
    describe: (_name, body) => body(),
    it: (name, work) => void tests.push({ name, work }),
    beforeAll: () => {},
    afterAll: () => {},
  };
  return { framework, tests };
}
