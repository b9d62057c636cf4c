/** A piece of a filter expression. */
export interface Token {
  /** `word`: one of {@link WORDS}, in lower case; `name`: a field. */
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'end';
  readonly text: string;
  /** As it is written. */
  readonly source: string;
  /** Where it begins, counted from 0. */
  readonly at: number;
}

/** What is not a field unless it stands in double quotes; upper case is the same. */
export const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'exists', 'contains', 'true', 'false']);

const PATTERNS = [
  ['space', /\s+/uy],
  ['number', /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/uy],
  ['name', /[\p{L}_$][\p{L}\p{N}_$.-]*/uy],
  ['quoted', /"(?:[^"]|"")*"/uy],
  ['text', /'(?:[^']|'')*'/uy],
  ['sign', /!=|>=|<=|[=<>(),]/uy],
] as const;

/**
 * The pieces of an expression, the last one an `end`.
 * @throws what `fail` makes of a place that fits nothing.
 */
export function tokenize(expression: string, fail: (at: number, what: string) => Error): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    const found = match(expression, at);
    if (found === undefined) throw fail(at, whyNot(expression[at] ?? ''));
    const [kind, source] = found;
    if (kind !== 'space') tokens.push(tokenOf(kind, source, at));
    at += source.length;
  }
  return [...tokens, { kind: 'end', text: '', source: '', at }];
}

type Kind = (typeof PATTERNS)[number][0];

function match(expression: string, at: number): readonly [Kind, string] | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const source = pattern.exec(expression)?.[0];
    if (source !== undefined) return [kind, source];
  }
  return undefined;
}

function tokenOf(kind: Exclude<Kind, 'space'>, source: string, at: number): Token {
  if (kind === 'quoted') return { kind: 'name', text: source.slice(1, -1).replaceAll('""', '"'), source, at };
  if (kind === 'text') return { kind, text: source.slice(1, -1).replaceAll("''", "'"), source, at };
  const word = source.toLowerCase();
  if (kind === 'name' && WORDS.has(word)) return { kind: 'word', text: word, source, at };
  return { kind, text: source, source, at };
}

function whyNot(character: string): string {
  return character === "'" || character === '"' ? 'a quote is not closed' : `'${character}' is not expected`;
}
