import { posix } from 'node:path';
import type { ImportTable } from './import-table.js';
import type { Manifest, Workspace, WorkspacePackage } from './workspace.js';

/** Packages that the import table misses, and rows of it without a package. */
export function tableGaps(workspace: Workspace, table: ImportTable): string[] {
  const keys = workspace.packages.map((pkg) => pkg.key);
  return [
    ...keys.filter((key) => !table.packages.has(key)).map((key) => `${key} has no row in the import table`),
    ...[...table.packages.keys()].filter((key) => !keys.includes(key)).map((key) => `${key} has a row but no package`),
  ];
}

/** Dependencies between our own packages that package.json declares and the import table does not allow. */
export function forbiddenDependencies(workspace: Workspace, table: ImportTable): string[] {
  return workspace.packages.flatMap((owner) => {
    const rule = table.packages.get(owner.key);
    if (rule === undefined || rule.anything) return [];
    const forRun = new Set([...rule.values, ...rule.types]);
    const forTests = new Set([...forRun, ...table.tests.values, ...table.tests.types]);
    const { devDependencies, ...run } = owner.manifest;
    return [
      ...ours(workspace, run).filter((pkg) => !forRun.has(pkg.key)),
      ...ours(workspace, { name: '', devDependencies: devDependencies ?? {} }).filter((pkg) => !forTests.has(pkg.key)),
    ].map((pkg) => `${owner.folder}/package.json depends on ${pkg.key}`);
  });
}

/** tsconfig.json references that differ from the dependencies, and packages that the root does not build. */
export function wrongReferences(workspace: Workspace): string[] {
  return workspace.packages.flatMap((owner) => {
    const { devDependencies: _, ...run } = owner.manifest;
    const expected = ours(workspace, run).map((pkg) => pkg.folder);
    return [
      ...difference(expected, owner.references).map((folder) => `${owner.folder}/tsconfig.json lacks ${folder}`),
      ...difference(owner.references, expected).map((folder) => `${owner.folder}/tsconfig.json refers to ${folder}`),
      ...difference([owner.folder], workspace.built).map((folder) => `tsconfig.build.json lacks ${folder}`),
    ];
  });
}

/** Versions that stand in a package.json instead of the catalog of pnpm-workspace.yaml. */
export function versionsOutsideCatalog(workspace: Workspace): string[] {
  const names = new Set(workspace.packages.map((pkg) => pkg.manifest.name));
  const { optionalDependencies: _, ...root } = workspace.root;
  const owners = [{ folder: '.', manifest: root }, ...workspace.packages];
  return owners.flatMap(({ folder, manifest }) =>
    Object.entries(allDependencies(manifest))
      .filter(([name, version]) => (names.has(name) ? version !== 'workspace:*' : !version.startsWith('catalog:')))
      .map(([name, version]) => `${posix.join(folder, 'package.json')}: ${name} ${version}`),
  );
}

function ours(workspace: Workspace, manifest: Manifest): WorkspacePackage[] {
  const declared = allDependencies(manifest);
  return workspace.packages.filter((pkg) => pkg.manifest.name in declared);
}

function allDependencies(manifest: Manifest): Record<string, string> {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = manifest;
  return { ...devDependencies, ...optionalDependencies, ...peerDependencies, ...dependencies };
}

function difference(left: readonly string[], right: readonly string[]): string[] {
  return left.filter((item) => !right.includes(item));
}
