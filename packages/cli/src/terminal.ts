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
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return { stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() };
}
