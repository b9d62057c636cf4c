import { JsonReader } from '@vecport/wire';

/**
 * JSON text in one form for all texts that say the same: keys sorted, escapes resolved, no white space.
 * Numbers keep their spelling, as the content digest of datasets tells `1`, `1.0` and `1e0` apart.
 */
export function canonicalText(text: string): string {
  const reader = new JsonReader(new TextEncoder().encode(text));
  const canonical = valueText(reader);
  reader.finish();
  return canonical;
}

function valueText(reader: JsonReader): string {
  switch (reader.peek()) {
    case 'object': {
      const members = new Map<string, string>();
      reader.enterObject();
      for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) members.set(key, valueText(reader));
      const sorted = [...members].toSorted(([left], [right]) => (left < right ? -1 : 1));
      return `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
    }
    case 'array': {
      const elements: string[] = [];
      reader.enterArray();
      while (reader.nextElement()) elements.push(valueText(reader));
      return `[${elements.join(',')}]`;
    }
    case 'string':
      return JSON.stringify(reader.text());
    case 'number':
      return reader.numberText();
    default:
      return new TextDecoder().decode(reader.raw());
  }
}
