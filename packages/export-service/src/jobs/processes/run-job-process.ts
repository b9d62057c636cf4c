import { systemClock } from '../../clock.js';
import type { JobRunner, RunContext } from '../job-runner.js';
import { gatherEvents } from './gather-events.js';
import type { FromJob, JobRequest, ToJob } from './job-messages.js';
import { lowerPriority } from './lower-priority.js';
import { sentError } from './sent-error.js';

/** What a process of a job works with. */
export interface JobProcess {
  readonly runner: Pick<JobRunner, 'runExport' | 'runImport'>;
  /** Release what was opened for it. */
  close(): Promise<void>;
}

/** Milliseconds between two messages about progress. */
const TELL_EVERY_MS = 500;

/**
 * The whole of a module that `createProcessRunner` is given as its entry: gets one task from the service that started
 * this process, runs it with what `open` makes of the setup, tells what becomes of it and ends the process. Signals that
 * the terminal or the system sends to all processes are left to the service. When that dies, this process ends at once,
 * as by `kill -9`: the task can be gone on with.
 * @throws Error in a process that was not started by a service.
 */
export async function runJobProcess(open: (setup: unknown) => Promise<JobProcess>): Promise<void> {
  if (process.send === undefined) throw new Error('This is started by the export service, for a job.');
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  process.once('disconnect', () => process.exit(1));
  const { request, setup, niceness } = await requested(stopping);
  lowerPriority(niceness);
  await tell(await answerTo(request, setup, open, stopping.signal));
  process.exit(0);
}

async function requested(stopping: AbortController): Promise<Extract<ToJob, { type: 'run' }>> {
  return new Promise((resolve) => {
    process.on('message', (message: ToJob) => {
      if (message.type === 'run') resolve(message);
      else stopping.abort(new DOMException('The job is stopped.', 'AbortError'));
    });
  });
}

async function answerTo(
  request: JobRequest,
  setup: unknown,
  open: (setup: unknown) => Promise<JobProcess>,
  signal: AbortSignal,
): Promise<FromJob> {
  const events = gatherEvents((list) => void tell({ type: 'events', events: list }), TELL_EVERY_MS, systemClock);
  try {
    const { runner, close } = await open(setup);
    try {
      const outcome = await runWith(runner, request, { signal, onEvent: events.add });
      return { type: 'done', outcome };
    } finally {
      await close();
    }
  } catch (error) {
    return { type: 'failed', error: sentError(error) };
  } finally {
    events.flush();
  }
}

async function runWith(runner: JobProcess['runner'], request: JobRequest, context: RunContext) {
  return request.kind === 'export' ? runner.runExport(request.task, context) : runner.runImport(request.task, context);
}

/** Resolves when it is on its way. A service that is not there any more cannot be told. */
async function tell(message: FromJob): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
