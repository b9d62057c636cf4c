/**
 * The JSON text of an object with only these top-level fields, each spelled as it was and in its old
 * place; text that is not an object is returned unchanged. The text must be valid JSON.
 */
export function selectFields(text: string, fields: ReadonlySet<string>): string {
  if (text.trimStart()[0] !== '{') return text;
  const kept = topLevelMembers(text).filter((member) => fields.has(memberName(member)));
  return `{${kept.join(',')}}`;
}

/**
 * The JSON text of an object without these top-level fields, the others spelled as they were and in their old order;
 * text that is not an object, or has none of the fields, is returned unchanged. The text must be valid JSON.
 */
export function omitFields(text: string, fields: ReadonlySet<string>): string {
  if (text.trimStart()[0] !== '{') return text;
  const members = topLevelMembers(text);
  const kept = members.filter((member) => !fields.has(memberName(member)));
  return kept.length === members.length ? text : `{${kept.join(',')}}`;
}

// A quote, a bracket or a comma that is inside a string does not count; a backslash hides what follows it.
function topLevelMembers(text: string): string[] {
  const members: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth === 1) start = at + 1;
    } else if (char === '}' || char === ']' || (char === ',' && depth === 1)) {
      if (depth === 1) members.push(text.slice(start, at).trim());
      if (char === ',') start = at + 1;
      else depth -= 1;
    }
  }
  return members.filter((member) => member !== '');
}

function memberName(member: string): string {
  return JSON.parse(member.slice(0, endOfString(member, 0) + 1)) as string;
}

function endOfString(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
