import { describe, expect, it } from '@jest/globals';
import { anyTypes, badFileNames, longFiles, undocumentedExports } from '../src/file-rules.js';
import { importCycles } from '../src/import-cycles.js';
import { deepImports, forbiddenImports, undeclaredImports } from '../src/import-rules.js';
import { parseImportTable } from '../src/import-table.js';
import { linksOf } from '../src/link-rules.js';
import { forbiddenDependencies, tableGaps, versionsOutsideCatalog, wrongReferences } from '../src/manifest-rules.js';
import { parseSourceFile } from '../src/source-file.js';
import type { Manifest, Workspace, WorkspacePackage } from '../src/workspace.js';

const TABLE = `# Architecture
## Who may import whom
Prose.

| package | may import |
| --- | --- |
| \`contracts\` | – |
| \`engine\` | \`contracts\`, \`files\` (types) |
| \`files\`, \`kit\` | \`contracts\` |
| \`samples/demo\` | anything |
| files under \`test/\` | also \`kit\` |

| another | table |
| --- | --- |
| \`contracts\` | \`files\` |
`;
const table = parseImportTable(TABLE);

describe('parseImportTable', () => {
  it('reads names, types, nothing, anything and the row for tests', () => {
    expect([...table.packages.keys()]).toEqual(['contracts', 'engine', 'files', 'kit', 'demo']);
    expect(table.packages.get('engine')).toEqual({
      anything: false,
      values: new Set(['contracts']),
      types: new Set(['files']),
    });
    expect(table.packages.get('contracts')?.values).toEqual(new Set());
    expect(table.packages.get('demo')?.anything).toBe(true);
    expect(table.tests.values).toEqual(new Set(['kit']));
  });

  it.each([
    ['no table', '## Who may import whom\n\n## Next\n| a | b |\n| - | - |\n| `x` | – |'],
    ['twice', TABLE.replace('`files`, `kit`', '`files`, `engine`')],
    ['cannot be read', TABLE.replace('anything', 'everything')],
  ])('refuses a table: %s', (message, markdown) => {
    expect(() => parseImportTable(markdown)).toThrow(message);
  });
});

describe('parseSourceFile', () => {
  it('finds every kind of import with its line', () => {
    const text = `import type { A } from 'a';
import { type B } from 'b';
import 'c';
export * from './d.js';
export type { E } from 'e';
const f = await import('f');
type G = import('g').G;
const no = "import 'h'"; // import 'i'
let j: any;
`;
    const file = parseSourceFile('x.ts', text);
    expect(
      file.imports.map(({ specifier, line, typeOnly }) => `${line} ${specifier}${typeOnly ? ' type' : ''}`),
    ).toEqual(['1 a type', '2 b', '3 c', '4 ./d.js', '5 e type', '6 f', '7 g type']);
    expect(file.anyLines).toEqual([9]);
    expect(file.lineCount).toBe(9);
  });

  it('throws on a syntax error', () => {
    expect(() => parseSourceFile('x.ts', 'import {')).toThrow('x.ts');
  });
});

describe('import rules', () => {
  it('report what the table does not allow', () => {
    const engine = pkg('engine', {
      'src/bad.ts': "import { f } from '@v/files';\nimport { k } from '@v/kit';",
      'src/good.ts': "import { c } from '@v/contracts';\nimport type { F } from '@v/files';",
      'test/good.test.ts': "import { k } from '@v/kit';",
      'test/bad.test.ts': "import { d } from '@v/demo';",
    });
    expect(forbiddenImports(around(engine), table)).toEqual([
      "packages/engine/src/bad.ts:1 '@v/files' may import only types",
      "packages/engine/src/bad.ts:2 '@v/kit' is not allowed by the import table",
      "packages/engine/test/bad.test.ts:1 '@v/demo' is not allowed by the import table",
    ]);
  });

  it('report what package.json does not declare', () => {
    const engine = pkg(
      'engine',
      {
        'src/a.ts': "import 'node:fs';\nimport 'fs';\nimport 'zod/mini';\nimport 'dev';",
        'test/a.ts': "import 'dev';\nimport 'jest';",
      },
      { dependencies: { zod: 'catalog:' }, devDependencies: { dev: 'catalog:' } },
    );
    expect(undeclaredImports(around(engine))).toEqual([
      "packages/engine/src/a.ts:2 'fs' is not declared in package.json",
      "packages/engine/src/a.ts:4 'dev' is not declared in package.json",
    ]);
  });

  it('report deep imports', () => {
    const engine = pkg('engine', {
      'src/a.ts':
        "import '@v/files';\nimport '@v/files/src/x.js';\nimport '../../files/src/x.js';\nimport '../test/x.js';",
      'test/a.ts': "import '../src/a.js';\nimport '../../files/src/x.js';",
    });
    expect(deepImports(around(engine))).toEqual([
      "packages/engine/src/a.ts:2 '@v/files/src/x.js' is not among the exports of packages/files",
      "packages/engine/src/a.ts:3 '../../files/src/x.js' leaves packages/engine/src/",
      "packages/engine/src/a.ts:4 '../test/x.js' leaves packages/engine/src/",
      "packages/engine/test/a.ts:2 '../../files/src/x.js' leaves packages/engine/",
    ]);
  });

  it('report cycles', () => {
    const { sources } = pkg('engine', {
      'src/a.ts': "import './b.js';",
      'src/b.ts': "import './c.js';\nimport './d.js';",
      'src/c.ts': "export { b } from './b.js';",
      'src/d.ts': "import type { A } from './a.js';",
    });
    expect(importCycles(sources)).toEqual([
      'packages/engine/src/b.ts -> packages/engine/src/c.ts -> packages/engine/src/b.ts',
    ]);
  });
});

describe('manifest rules', () => {
  it('report packages without a row and rows without a package', () => {
    expect(tableGaps({ ...around(pkg('new', {})), packages: [pkg('new', {})] }, table)).toEqual([
      'new has no row in the import table',
      ...['contracts', 'engine', 'files', 'kit', 'demo'].map((key) => `${key} has a row but no package`),
    ]);
  });

  it('report forbidden dependencies', () => {
    const engine = pkg(
      'engine',
      {},
      { dependencies: { '@v/kit': 'workspace:*' }, devDependencies: { '@v/demo': 'workspace:*' } },
    );
    expect(forbiddenDependencies(around(engine), table)).toEqual([
      'packages/engine/package.json depends on kit',
      'packages/engine/package.json depends on demo',
    ]);
  });

  it('report references that differ from the dependencies', () => {
    const engine = {
      ...pkg('engine', {}, { dependencies: { '@v/files': 'workspace:*' } }),
      references: ['packages/kit'],
    };
    const { packages } = around(engine);
    expect(wrongReferences({ ...around(engine), built: packages.slice(1).map((other) => other.folder) })).toEqual([
      'packages/engine/tsconfig.json lacks packages/files',
      'packages/engine/tsconfig.json refers to packages/kit',
      'tsconfig.build.json lacks packages/engine',
    ]);
  });

  it('report versions outside the catalog', () => {
    const engine = pkg('engine', {}, { dependencies: { zod: '^4.0.0', '@v/files': '1.0.0', redis: 'catalog:' } });
    expect(versionsOutsideCatalog(around(engine))).toEqual([
      'packages/engine/package.json: zod ^4.0.0',
      'packages/engine/package.json: @v/files 1.0.0',
    ]);
  });
});

describe('file rules', () => {
  it('report names, lengths and any', () => {
    const workspace = around(
      pkg('engine', {
        'src/camelCase.ts': 'let a: any;',
        'src/long-one.ts': 'export {};\n'.repeat(351),
        'test/a-b.test.ts': '',
      }),
    );
    expect(badFileNames(workspace)).toEqual(['packages/engine/src/camelCase.ts']);
    expect(longFiles(workspace)).toEqual(['packages/engine/src/long-one.ts has 351 lines, at most 350 are allowed']);
    expect(anyTypes(workspace)).toEqual(['packages/engine/src/camelCase.ts:1']);
  });

  it('report exported names without a doc comment', () => {
    const files = {
      'src/a.ts': '/** Said. */\nexport const a = 1;\n\nexport const b = 2;\n// Not one.\nexport function c() {}\n',
      'src/b.ts': "export * from './a.js';\nconst d = 1;\nexport { d };\n",
    };
    expect(undocumentedExports(around(pkg('engine', files)))).toEqual([
      'packages/engine/src/a.ts:4',
      'packages/engine/src/a.ts:6',
    ]);
    expect(undocumentedExports(around(pkg('engine', files, { private: true })))).toEqual([]);
  });
});

describe('link rules', () => {
  it('find relative links only, without what follows a #', () => {
    const text = '[a](docs/a.md#part) [b](https://x.y/b) [c](#here) ![d](pictures/d.png) [e](../e)';
    expect(linksOf(text)).toEqual(['docs/a.md', 'pictures/d.png', '../e']);
  });
});

function pkg(key: string, files: Record<string, string>, manifest: Omit<Manifest, 'name'> = {}): WorkspacePackage {
  const folder = `packages/${key}`;
  const parsed = Object.entries(files).map(([path, text]) => parseSourceFile(`${folder}/${path}`, text));
  return {
    key,
    folder,
    manifest: { name: `@v/${key}`, exports: { '.': './src/index.ts' }, ...manifest },
    references: [],
    sources: parsed.filter((file) => file.path.includes('/src/')),
    tests: parsed.filter((file) => file.path.includes('/test/')),
  };
}

/** A workspace of the given package and empty ones for the rest of the table. */
function around(subject: WorkspacePackage): Workspace {
  const others = ['contracts', 'engine', 'files', 'kit', 'demo']
    .filter((key) => key !== subject.key)
    .map((key) => pkg(key, {}));
  const packages = [subject, ...others];
  return {
    root: { name: 'root', devDependencies: { jest: 'catalog:' } },
    built: packages.map((other) => other.folder),
    packages,
  };
}
