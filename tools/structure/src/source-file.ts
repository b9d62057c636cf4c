import { parseSync, Visitor } from 'oxc-parser';

/** One import, re-export, `import()` or `import('…')` type with a literal specifier. */
export interface ImportSite {
  readonly specifier: string;
  readonly line: number;
  /** True where TypeScript erases the whole statement. */
  readonly typeOnly: boolean;
}

/** What the rules need to know of a file. Paths are relative to the root of the repository, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly lineCount: number;
  readonly imports: readonly ImportSite[];
  readonly anyLines: readonly number[];
  /** Lines of exported declarations without a doc comment before them. */
  readonly undocumentedLines: readonly number[];
}

/** Parses a TypeScript file; throws on a syntax error. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);

  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const imports: ImportSite[] = [];
  const anyLines: number[] = [];
  const undocumentedLines: number[] = [];
  const isDocumented = (start: number): boolean =>
    comments.some(
      ({ type, value, end }) => type === 'Block' && value.startsWith('*') && text.slice(end, start).trim() === '',
    );
  const add = (source: { type: string; value?: unknown; start: number } | null, typeOnly: boolean) => {
    if (typeof source?.value === 'string') {
      imports.push({ specifier: source.value, line: lineOf(source.start), typeOnly });
    }
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === 'type'),
    ExportNamedDeclaration: (node) => {
      add(node.source, node.exportKind === 'type');
      if (node.declaration != null && !isDocumented(node.start)) undocumentedLines.push(lineOf(node.start));
    },
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ImportExpression: (node) => add(node.source, false),
    TSImportType: (node) => add(node.source, true),
    TSAnyKeyword: (node) => anyLines.push(lineOf(node.start)),
  }).visit(program);
  return { path, lineCount: text.trimEnd().split('\n').length, imports, anyLines, undocumentedLines };
}
