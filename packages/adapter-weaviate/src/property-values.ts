import type { PropertyLayout } from './layout.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const INTEGER = /^(?:0|-?[1-9]\d*)$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** As the server prints dates: no zeros at the end of a fraction, at most nine digits, Z for no offset. */
const DATE =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{0,8}[1-9])?(?:Z|[+-](?!00:00)([01]\d|2[0-3]):[0-5]\d)$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
// Go and JavaScript differ in U+0085, which only Go cuts off, and U+FEFF, which only JavaScript does.
const SPACE_AT_END = /^[\s\u0085]|[\s\u0085]$/u;

/** A value a property holds, as it is sent. */
export type PropertyValue = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

/**
 * The value a property gets for a metadata field, or `undefined` where it would not come back exactly as it is spelled
 * (`1.0` would be `1`), or filters would not see it right.
 */
export function propertyValue({ type, strict }: PropertyLayout, json: Uint8Array): PropertyValue | undefined {
  const text = decoder.decode(json);
  if (!type.endsWith('[]')) return scalar(type, text, strict);
  if (!text.startsWith('[')) return undefined;
  const element = type.slice(0, -2);
  const values = JSON.parse(text) as unknown[];
  if (values.length === 0 || JSON.stringify(values) !== text) return undefined;
  const parsed = values.map((value) => scalar(element, JSON.stringify(value), strict));
  return parsed.includes(undefined) ? undefined : (parsed as readonly string[]);
}

function scalar(type: string, text: string, strict: boolean): string | number | boolean | undefined {
  switch (type) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'int':
      return INTEGER.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
    case 'number': {
      const value = Number(text);
      return String(value) === text && Number.isFinite(value) ? value : undefined;
    }
    default:
      return textScalar(type, text, strict);
  }
}

function textScalar(type: string, text: string, strict: boolean): string | undefined {
  if (!text.startsWith('"')) return undefined;
  const value = JSON.parse(text) as string;
  if (JSON.stringify(value) !== text || !value.isWellFormed()) return undefined;
  switch (type) {
    case 'text':
    case 'string':
      return strict && (value === '' || SPACE_AT_END.test(value)) ? undefined : value;
    case 'uuid':
      return UUID.test(value) ? value : undefined;
    case 'date':
      return isDate(value) ? value : undefined;
    case 'blob':
      return BASE64.test(value) && value !== '' ? value : undefined;
    default:
      return undefined;
  }
}

function isDate(value: string): boolean {
  const [, year, month, day] = DATE.exec(value) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
