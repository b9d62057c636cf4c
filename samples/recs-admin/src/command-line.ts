import { parseArgs } from 'node:util';
import { VecportError } from '@vecport/abstractions';

const DEFAULT_PORT = 3000;
/** Ports tried from the default one on, when nobody asked for one. */
const DEFAULT_ATTEMPTS = 10;

/** How to start it. */
export const USAGE = `Usage: npm start -- [--once] [--port N]

  --once    do the whole job once (seed, export, verify, warm the cache), then exit
  --port N  serve on this port; without it on ${DEFAULT_PORT} or the next free one
  --help    print this

Environment: VECPORT_STORE (e.g. lancedb:./vectors), VECPORT_COLLECTION, VECPORT_DATA,
EMBEDDING_URL, EMBEDDING_MODEL, LOG_LEVEL; samples/recs-admin/README.md has all of them.
`;

/** What the command line asks for. */
export interface CommandLine {
  readonly help: boolean;
  readonly once: boolean;
  readonly port: number;
  /** Ports that may be tried. */
  readonly attempts: number;
}

/**
 * Read the arguments after the script's name. A single job takes any free port, as nobody else calls it.
 * @throws VecportError `invalid-argument` for what is not understood.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { once, port, help } = parse(args);
  if (port === undefined) {
    return { help, once, port: once ? 0 : DEFAULT_PORT, attempts: once ? 1 : DEFAULT_ATTEMPTS };
  }
  const number = /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (number <= 65_535) return { help, once, port: number, attempts: 1 };
  throw usageError(`'${port}' is not a port.`);
}

function parse(args: readonly string[]): {
  readonly once: boolean;
  readonly help: boolean;
  readonly port?: string | undefined;
} {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(`${reason.split('.')[0]}.`);
  }
}

function usageError(reason: string): VecportError {
  return new VecportError('invalid-argument', reason, { operation: 'command line', advice: 'See --help.' });
}
