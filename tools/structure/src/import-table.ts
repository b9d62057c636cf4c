/** What one package may import of the others; `types` lists those of which it may import only types. */
export interface ImportRule {
  readonly anything: boolean;
  readonly values: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

/** The table `Who may import whom`: a rule for each package folder, and what test files may import on top of it. */
export interface ImportTable {
  readonly packages: ReadonlyMap<string, ImportRule>;
  readonly tests: ImportRule;
}

const HEADING = /^##\s+who may import whom\s*$/i;
const ENTRY = /`([^`]+)`(\s*\(types\))?/g;
const NOTHING: ImportRule = { anything: false, values: new Set(), types: new Set() };

/**
 * Reads the first table below the heading `## Who may import whom`: a backticked folder name (`core`,
 * `samples/recs-admin`, or `test/` for test files) and what it may import (backticked names, `–` or `anything`).
 * Throws on a missing table, a cell that it does not understand and a package that stands there twice.
 */
export function parseImportTable(markdown: string): ImportTable {
  const packages = new Map<string, ImportRule>();
  let tests = NOTHING;
  for (const [left = '', right = ''] of tableBelowHeading(markdown)) {
    const rule = parseRule(right);
    for (const [, name = ''] of left.matchAll(ENTRY)) {
      const key = folderKey(name);
      if (key === 'test') tests = rule;
      else if (packages.has(key)) throw new Error(`The import table names \`${key}\` twice.`);
      else packages.set(key, rule);
    }
  }
  if (packages.size === 0) throw new Error('There is no table below the heading "## Who may import whom".');
  return { packages, tests };
}

/** The last segment of a folder name: `samples/recs-admin` and `recs-admin` are the same package. */
export function folderKey(folder: string): string {
  return folder.replace(/\/$/, '').split('/').at(-1) ?? folder;
}

function tableBelowHeading(markdown: string): string[][] {
  const lines = markdown.split('\n');
  const heading = lines.findIndex((line) => HEADING.test(line));
  if (heading === -1) return [];
  const below = lines.slice(heading + 1);
  const section = below.slice(0, orEnd(below.findIndex((line) => line.startsWith('## '))));
  const table = section.slice(orEnd(section.findIndex((line) => line.startsWith('|'))));
  const rows = table.slice(0, orEnd(table.findIndex((line) => !line.startsWith('|'))));
  return rows.slice(2).map((row) => row.split('|').slice(1, -1));
}

function orEnd(index: number): number | undefined {
  return index === -1 ? undefined : index;
}

function parseRule(cell: string): ImportRule {
  const text = cell.trim();
  if (text === '–') return NOTHING;
  if (text === 'anything') return { ...NOTHING, anything: true };
  const rest = text.replaceAll(ENTRY, '').replaceAll(/[,\s]|\balso\b|\band\b/g, '');
  if (text === '' || rest !== '') throw new Error(`The import table has a cell that cannot be read: "${text}".`);
  const entries = [...text.matchAll(ENTRY)];
  const keys = (typesOnly: boolean) =>
    new Set(
      entries.filter((entry) => (entry[2] !== undefined) === typesOnly).map((entry) => folderKey(entry[1] ?? '')),
    );
  return { anything: false, values: keys(false), types: keys(true) };
}
