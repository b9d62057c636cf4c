import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { anyTypes, badFileNames, longFiles, undocumentedExports } from '../src/file-rules.js';
import { importCycles } from '../src/import-cycles.js';
import { deepImports, forbiddenImports, undeclaredImports } from '../src/import-rules.js';
import { parseImportTable } from '../src/import-table.js';
import { deadLinks } from '../src/link-rules.js';
import { forbiddenDependencies, tableGaps, versionsOutsideCatalog, wrongReferences } from '../src/manifest-rules.js';
import { readWorkspace } from '../src/workspace.js';

const root = join(import.meta.dirname, '../../..');
const workspace = readWorkspace(root);
const table = parseImportTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));

describe('the import table of ARCHITECTURE.md', () => {
  it('has a row for every package and no other', () => expect(tableGaps(workspace, table)).toEqual([]));
  it('allows every import', () => expect(forbiddenImports(workspace, table)).toEqual([]));
  it('allows every declared dependency', () => expect(forbiddenDependencies(workspace, table)).toEqual([]));
});

describe('imports', () => {
  it('are declared in package.json', () => expect(undeclaredImports(workspace)).toEqual([]));
  it('use the exports of other packages', () => expect(deepImports(workspace)).toEqual([]));
  it('form no cycles', () =>
    expect(workspace.packages.flatMap((pkg) => importCycles([...pkg.sources, ...pkg.tests]))).toEqual([]));
});

describe('package.json and tsconfig.json', () => {
  it('agree on references', () => expect(wrongReferences(workspace)).toEqual([]));
  it('take versions from the catalog', () => expect(versionsOutsideCatalog(workspace)).toEqual([]));
});

describe('files', () => {
  it('exist', () => expect(workspace.packages.flatMap((pkg) => pkg.sources)).not.toEqual([]));
  it('have kebab-case names', () => expect(badFileNames(workspace)).toEqual([]));
  it('are short', () => expect(longFiles(workspace)).toEqual([]));
  it('do not say any', () => expect(anyTypes(workspace)).toEqual([]));
  it('explain every exported name', () => expect(undocumentedExports(workspace)).toEqual([]));
});

describe('pages', () => {
  it('have no dead links', () => expect(deadLinks(root)).toEqual([]));
});
