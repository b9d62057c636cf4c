import { isVecportError, type VecportError } from '@vecport/abstractions';
import { EXIT_CODES, type ExitCode } from './exit-codes.js';

/** What is told of an error, before secrets are taken out. */
export interface Failure {
  /** An error code of `@vecport/abstractions`, or `usage`, `interrupted` or `unexpected`. */
  readonly code: string;
  readonly message: string;
  readonly advice?: string | undefined;
  readonly provider?: string | undefined;
  readonly collection?: string | undefined;
  /** The command line that goes on with the work. */
  readonly resume?: string | undefined;
  readonly exitCode: ExitCode;
}

/** What a command adds to an error that ended it. */
export interface FailureContext {
  /** What the command has changed that cannot be undone, as a sentence. */
  readonly changed?: string | undefined;
  /** How the work that was begun goes on. */
  readonly advice?: string | undefined;
  readonly resume?: string | undefined;
  /** Codes after which this work can go on, beyond those after which any can. */
  readonly alsoResumable?: readonly VecportError['code'][] | undefined;
  /** Damaged data is what the command looks for or has to refuse: the exit code of a verification. */
  readonly damaged?: boolean | undefined;
  /** Work has begun, so that nothing is the command line's fault any more. */
  readonly begun?: boolean | undefined;
}

/** An error that ended a command, with what the command knows about it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  override readonly cause: unknown;
  readonly context: FailureContext;

  constructor(cause: unknown, context: FailureContext) {
    super('A command failed.');
    this.cause = cause;
    this.context = context;
  }
}

/** What to tell about a thrown value, and the exit code. `interrupted`: a signal came before it. */
export function describeFailure(thrown: unknown, interrupted: boolean): Failure {
  const { cause, context } = thrown instanceof CommandError ? thrown : { cause: thrown, context: {} as FailureContext };
  const failure = describeCause(cause, context, interrupted);
  return context.changed === undefined ? failure : { ...failure, message: `${failure.message} ${context.changed}` };
}

function describeCause(cause: unknown, context: FailureContext, interrupted: boolean): Failure {
  const { advice, resume } = context;
  if (interrupted) {
    return { code: 'interrupted', message: 'Interrupted.', advice, resume, exitCode: EXIT_CODES.interrupted };
  }
  if (isVecportError(cause)) return describeVecportError(cause, context);
  return {
    code: 'unexpected',
    message: `Unexpected: ${cause instanceof Error ? cause.message : String(cause)}`,
    advice: 'With --stack you see where it happened.',
    resume: context.begun === true ? resume : undefined,
    exitCode: EXIT_CODES.failed,
  };
}

function describeVecportError(error: VecportError, context: FailureContext): Failure {
  const goesOn = RESUMABLE.has(error.code) || context.alsoResumable?.includes(error.code) === true;
  const exitCode = exitCodeOf(error, context);
  const place = [error.provider, error.collection].filter((part) => part !== undefined && part !== '').join(' / ');
  return {
    code: exitCode === EXIT_CODES.usage ? 'usage' : error.code,
    message: place === '' ? error.reason : `[${place}] ${error.reason}`,
    advice: error.advice ?? context.advice,
    provider: error.provider,
    collection: error.collection,
    resume: context.begun === true && goesOn ? context.resume : undefined,
    exitCode,
  };
}

/** Failures after which the same work can go on. */
const RESUMABLE: ReadonlySet<string> = new Set<VecportError['code']>([
  'unauthorized',
  'forbidden',
  'rate-limited',
  'unavailable',
  'timeout',
  'expired',
  'storage',
  'provider-error',
]);

function exitCodeOf({ code }: VecportError, { damaged, begun }: FailureContext): ExitCode {
  if (code === 'incomplete') return EXIT_CODES.incomplete;
  if (code === 'corrupt-data' && damaged === true) return EXIT_CODES.incomplete;
  return code === 'invalid-argument' && begun !== true ? EXIT_CODES.usage : EXIT_CODES.failed;
}
