import { posix } from 'node:path';
import type { ImportRule, ImportTable } from './import-table.js';
import type { ImportSite, SourceFile } from './source-file.js';
import type { Workspace, WorkspacePackage } from './workspace.js';

/** One complaint of an import, without the place where it stands. */
type Check = (site: ImportSite, file: SourceFile, owner: WorkspacePackage, inTest: boolean) => string | undefined;

/** Imports of our own packages that the table does not allow, or that it allows as types only. */
export function forbiddenImports(workspace: Workspace, table: ImportTable): string[] {
  return eachImport(workspace, (site, _file, owner, inTest) => {
    const target = workspace.packages.find((pkg) => pkg.manifest.name === packageName(site.specifier));
    if (target === undefined || target === owner) return undefined;
    const rules = [table.packages.get(owner.key), inTest ? table.tests : undefined];
    if (rules.some((rule) => allows(rule, target.key, site.typeOnly))) return undefined;
    if (rules.some((rule) => allows(rule, target.key, true))) return 'may import only types';
    return 'is not allowed by the import table';
  });
}

/** Imports that a package's own package.json does not declare; tests may also use what the root declares for tools. */
export function undeclaredImports(workspace: Workspace): string[] {
  return eachImport(workspace, (site, _file, owner, inTest) => {
    if (/^[.#]|^node:/.test(site.specifier)) return undefined;
    const { name, dependencies, peerDependencies, optionalDependencies, devDependencies } = owner.manifest;
    const declared = { [name]: '', ...dependencies, ...peerDependencies, ...optionalDependencies };
    if (inTest) Object.assign(declared, devDependencies, workspace.root.devDependencies);
    return packageName(site.specifier) in declared ? undefined : 'is not declared in package.json';
  });
}

/** Imports that reach into another package past its `exports`, or by a relative path out of their own folder. */
export function deepImports(workspace: Workspace): string[] {
  return eachImport(workspace, (site, file, owner, inTest) => {
    if (site.specifier.startsWith('.')) {
      const home = inTest ? `${owner.folder}/` : `${owner.folder}/src/`;
      const target = posix.join(posix.dirname(file.path), site.specifier);
      return target.startsWith(home) ? undefined : `leaves ${home}`;
    }
    const name = packageName(site.specifier);
    const target = workspace.packages.find((pkg) => pkg.manifest.name === name);
    if (target === undefined) return undefined;
    const subpath = `.${site.specifier.slice(name.length)}`;
    return subpath in (target.manifest.exports ?? {}) ? undefined : `is not among the exports of ${target.folder}`;
  });
}

function eachImport(workspace: Workspace, check: Check): string[] {
  const complaints: string[] = [];
  for (const owner of workspace.packages) {
    for (const file of [...owner.sources, ...owner.tests]) {
      for (const site of file.imports) {
        const complaint = check(site, file, owner, owner.tests.includes(file));
        if (complaint !== undefined) complaints.push(`${file.path}:${site.line} '${site.specifier}' ${complaint}`);
      }
    }
  }
  return complaints;
}

function allows(rule: ImportRule | undefined, key: string, typeOnly: boolean): boolean {
  if (rule === undefined) return false;
  return rule.anything || rule.values.has(key) || (typeOnly && rule.types.has(key));
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
