type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { parse } = JSON as unknown as { parse(text: string, reviver: SourceReviver): unknown };

/**
 * Whether two JSON texts say the same but for white space, the order of keys and the way characters are escaped.
 * Numbers must be spelled alike. Text that is not JSON is like nothing.
 */
export function isSameJson(left: string | undefined, right: string | undefined): boolean {
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  const [first, second] = [exact(left), exact(right)];
  return first !== undefined && first === second;
}

function exact(text: string): string | undefined {
  try {
    return print(
      parse(text, (_key, value, { source }) => (typeof value === 'number' ? { number: source } : { value })),
    );
  } catch {
    return undefined;
  }
}

// Every value stands in an object of its own, so that a number is no object of the text's.
function print(node: unknown): string {
  const { number, value } = node as { readonly number?: string; readonly value?: unknown };
  if (number !== undefined) return number;
  if (Array.isArray(value)) return `[${value.map(print).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${print(member)}`).join(',')}}`;
}
