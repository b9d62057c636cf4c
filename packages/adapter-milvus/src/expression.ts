import type { VectorId } from '@vecport/abstractions';
import { notSupported } from './errors.js';
import type { Layout } from './layout.js';
import type { ServerInfo } from './server-kind.js';

/** The smallest 64-bit integer, which Milvus cannot read: it takes the minus for an operator. */
const MIN_I64 = '-9223372036854775808';
const NEXT_TO_MIN = '-9223372036854775807';

/** Whether an expression can hold this text. Milvus-lite 2 resolves no escapes but those of quotes and backslashes. */
export function canQuote(text: string, { kind }: Pick<ServerInfo, 'kind'>): boolean {
  return kind !== 'lite-2' || !/[\r\n\0]/.test(text);
}

/**
 * A text in an expression. All other characters stand for themselves, control characters too.
 * @throws VecportError `not-supported` for a text that {@link canQuote} denies.
 */
export function quoteText(text: string, server: Pick<ServerInfo, 'kind'>): string {
  if (!canQuote(text, server)) {
    throw notSupported(`Milvus-lite 2 cannot be asked for the text ${JSON.stringify(text)}: it holds a line break.`);
  }
  return `"${text.replace(/[\\"\n\r]/g, (char) => ESCAPES[char] ?? char)}"`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r' };

/** Points with one of these identifiers, at least one. */
export function hasId({ key }: Layout, ids: readonly VectorId[], server: ServerInfo): string {
  if (key.type === 'varchar') return `${key.field} in [${ids.map((id) => quoteText(id, server)).join(',')}]`;
  const plain = ids.filter((id) => id !== MIN_I64);
  const parts = [
    ...(plain.length > 0 ? [`${key.field} in [${plain.join(',')}]`] : []),
    ...(plain.length < ids.length ? [`${key.field} < ${NEXT_TO_MIN}`] : []),
  ];
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(' or ')})`;
}

/** Points whose identifier comes after this one. */
export function isAfter({ key }: Layout, id: VectorId, server: ServerInfo): string {
  if (key.type === 'varchar') return `${key.field} > ${quoteText(id, server)}`;
  return id === MIN_I64 ? `${key.field} >= ${NEXT_TO_MIN}` : `${key.field} > ${id}`;
}

/** Points whose identifier does not come after this one. */
export function isUpTo({ key }: Layout, id: VectorId, server: ServerInfo): string {
  if (key.type === 'varchar') return `${key.field} <= ${quoteText(id, server)}`;
  return id === MIN_I64 ? `${key.field} < ${NEXT_TO_MIN}` : `${key.field} <= ${id}`;
}

/** All of these hold; empty ones say nothing. */
export function allOf(...parts: readonly (string | undefined)[]): string {
  const needed = parts.filter((part) => part !== undefined && part !== '');
  return needed.length < 2 ? (needed[0] ?? '') : needed.map((part) => `(${part})`).join(' and ');
}

/** Compare identifiers as the server orders them: by number, or by the bytes of their UTF-8. */
export function compareIds({ key }: Pick<Layout, 'key'>, a: VectorId, b: VectorId): number {
  if (key.type === 'varchar') return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
