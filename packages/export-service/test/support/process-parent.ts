import { createBackends } from '../../src/backends/backends.js';
import { createProcessRunner } from '../../src/jobs/processes/process-runner.js';
import type { JobEntrySetup } from './job-entry.js';

/* A service reduced to a job: prints the id of the process of a job that runs until it is stopped. */

const [entry = ''] = process.argv.slice(2);
const setup: JobEntrySetup = { act: 'deaf' };
const runner = createProcessRunner({ entry, setup, backends: createBackends([]) });
await runner.runExport(
  { address: { backend: 'filesystem', folder: '', id: 'a' }, store: 'main', classes: [], request: { id: 'a' } },
  {
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.type === 'plan') process.stdout.write(`pid ${event.totals['pid']}.`);
    },
  },
);
