/** Text that is HTML already. */
export interface Html {
  readonly text: string;
}

/** What may stand in a template: text is escaped, HTML is not, lists are joined, nothing is left out. */
export type HtmlPart = string | number | undefined | Html | readonly HtmlPart[];

/** A template whose parts are escaped, for elements and for attributes in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return { text: strings.map((string, at) => (at === 0 ? string : render(parts[at - 1]) + string)).join('') };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(part: HtmlPart): string {
  if (part === undefined) return '';
  if (isList(part)) return part.map((one) => render(one)).join('');
  if (typeof part === 'object') return part.text;
  return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

function isList(part: HtmlPart): part is readonly HtmlPart[] {
  return Array.isArray(part);
}
