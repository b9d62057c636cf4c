import { type ChildProcess, fork } from 'node:child_process';
import type { Backends } from '../../backends/backends.js';
import { ProblemError } from '../../problems/problem-error.js';
import { removeDataset } from '../in-process-runner.js';
import type { ExportedClass, ImportedClass, JobRunner, RunContext, RunOutcome } from '../job-runner.js';
import type { FromJob, JobRequest, ToJob } from './job-messages.js';
import { receivedError } from './sent-error.js';

/** How processes of jobs are started. */
export interface ProcessRunnerParts {
  /** The file of a module that does nothing but call `runJobProcess`. */
  readonly entry: string;
  /**
   * What the entry needs to open stores and backends, as the structured clone algorithm copies it. It is sent through a
   * pipe that nobody else can read, never as an argument, so it may hold credentials.
   */
  readonly setup: unknown;
  /** Where datasets are removed from, which this process does itself. */
  readonly backends: Backends;
  /** How much jobs give way to other processes, from 0 (not at all) to 19; 10 if not said. */
  readonly niceness?: number | undefined;
  /** MB of JavaScript objects a job may have; what Node allows if not said. Vectors are not counted. */
  readonly heapMb?: number | undefined;
  /** Options of Node for processes of jobs; those of this process if not said. */
  readonly execArgv?: readonly string[] | undefined;
  /** Milliseconds a process has to stop, and to end when it is done, before it is killed; 5,000 if not said. */
  readonly graceMs?: number | undefined;
  /** Gets what processes of jobs write to their standard error; that of this process if not said. */
  readonly onOutput?: ((text: string) => void) | undefined;
}

const GRACE_MS = 5000;
/** Milliseconds after the end of a process in which its last words must have been read. */
const LAST_WORDS_MS = 2000;
/** Characters of what a process wrote at last that are looked at when it has died. */
const TAIL = 8192;
const NICENESS = 10;

/**
 * Runs every job in a process of its own, with the environment and the working directory of this one. A job that crashes or runs out of memory fails with a reason that says so; this process and other jobs go on.
 * To stop, a job is sent a message, and killed when it has not ended after a while; it can be resumed after either.
 */
export function createProcessRunner(parts: ProcessRunnerParts): JobRunner {
  return {
    runExport: async (task, context) => runJob<ExportedClass>(parts, { kind: 'export', task }, context),
    runImport: async (task, context) => runJob<ImportedClass>(parts, { kind: 'import', task }, context),
    removeDataset: async (address) => removeDataset(parts.backends, address),
  };
}

/** How a process ended, and what it said at last. */
interface Ended {
  readonly answer: Exclude<FromJob, { type: 'events' }> | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

async function runJob<T>(
  parts: ProcessRunnerParts,
  request: JobRequest,
  { signal, onEvent }: RunContext,
): Promise<RunOutcome<T>> {
  signal.throwIfAborted();
  const child = start(parts);
  const { setup, niceness = NICENESS, graceMs = GRACE_MS } = parts;
  let killing: NodeJS.Timeout | undefined;
  const killLater = (): void => {
    killing ??= setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  const stop = (): void => {
    send(child, { type: 'stop' });
    killLater();
  };
  send(child, { type: 'run', request, setup, niceness });
  signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = await endOf(child, { onEvent, onAnswer: killLater, onOutput: parts.onOutput ?? printed });
    // Of the kind that was asked for.
    if (ended.answer?.type === 'done') return ended.answer.outcome as RunOutcome<T>;
    signal.throwIfAborted();
    throw ended.answer === undefined ? died(ended) : receivedError(ended.answer.error);
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(killing);
  }
}

function start({ entry, heapMb, execArgv = process.execArgv }: ProcessRunnerParts): ChildProcess {
  // A debugger's port is taken.
  const inherited = execArgv.filter((option) => !option.startsWith('--inspect'));
  const heap = heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`];
  return fork(entry, [], {
    execArgv: [...inherited, ...heap],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

// One that has ended already is told nothing; its end says why.
function send(child: ChildProcess, message: ToJob): void {
  if (child.connected) child.send(message, () => {});
}

interface Listeners {
  readonly onEvent: RunContext['onEvent'];
  readonly onAnswer: () => void;
  readonly onOutput: (text: string) => void;
}

/** @throws ProblemError when there was no process. */
async function endOf(child: ChildProcess, { onEvent, onAnswer, onOutput }: Listeners): Promise<Ended> {
  let answer: Ended['answer'];
  let output = '';
  child.on('message', (message: FromJob) => {
    if (message.type === 'events') for (const event of message.events) onEvent(event);
    else {
      answer = message;
      onAnswer();
    }
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-TAIL);
    onOutput(text);
  });
  return new Promise((resolve, reject) => {
    const end = (code: number | null, signal: NodeJS.Signals | null): void => resolve({ answer, code, signal, output });
    child.once('error', (cause) => {
      if (child.pid === undefined) reject(new ProblemError('busy', 'No process could be started for it.', { cause }));
    });
    child.once('close', end);
    // What it started itself may keep its output open.
    child.once('exit', (code, signal) => setTimeout(end, LAST_WORDS_MS, code, signal).unref());
  });
}

function died({ code, signal, output }: Ended): ProblemError {
  const how = signal === null ? `ended with code ${String(code)}` : `was ended by ${signal}`;
  const cause = new Error(`The process of the job ${how}. It wrote at last: ${output.trim()}`);
  return new ProblemError('internal-error', `${reasonOf(signal, how, output)} Start it again to go on with it.`, {
    cause,
  });
}

function reasonOf(signal: NodeJS.Signals | null, how: string, output: string): string {
  if (output.includes('heap out of memory') || output.includes('Array buffer allocation failed')) {
    return 'The process of the job ran out of memory.';
  }
  if (signal === 'SIGKILL') return 'The process of the job was killed; the machine may have run out of memory.';
  return `The process of the job ${how}; the log says more.`;
}

function printed(text: string): void {
  process.stderr.write(text);
}
