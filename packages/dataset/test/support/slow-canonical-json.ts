/** The canonical form of JSON, written to be obviously right: through `JSON.parse` with the source text of numbers. */
export function slowCanonicalJson(text: string): string {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown;
  return print(
    parse(text, (_key, value, { source }) => (typeof value === 'number' ? new NumberText(source ?? '') : value)),
    text,
  );
}

class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function print(value: unknown, text: string): string {
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => print(item, text)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${print(item, text)}`).join(',')}}`;
}

/** The order of UTF-8 is the order of code points. */
function compareCodePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a, codePoint), Array.from(b, codePoint)];
  const at = left.findIndex((value, i) => value !== right[i]);
  if (at === -1) return left.length - right.length;
  return (left[at] ?? 0) - (right[at] ?? -1);
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
