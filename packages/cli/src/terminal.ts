/** A stream that text is written to. */
export interface TextStream {
  write(text: string): unknown;
  /** True on a terminal that a person watches. */
  readonly isTTY?: boolean | undefined;
}

/** What the program sees of the world around it. */
export interface Terminal {
  /** Results, and nothing else. */
  readonly stdout: TextStream;
  /** Progress and errors. */
  readonly stderr: NodeJS.WritableStream & TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory. */
  readonly cwd: string;
  /** Ask a person a question that is answered with yes or no. Absent where there is nobody to ask. */
  readonly confirm?: ((question: string, signal: AbortSignal) => Promise<boolean>) | undefined;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const confirm = stdin.isTTY && stderr.isTTY ? confirmOnTerminal : undefined;
  return { stdout, stderr, env, cwd: process.cwd(), confirm };
}

async function confirmOnTerminal(question: string, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return /^\s*y(?:es)?\s*$/i.test(await lines.question(`${question} [y/N] `, { signal }));
  } finally {
    lines.close();
  }
}
