// @ts-check
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * The home of a Java development kit of a fitting version: the newest of those that `ES_JAVA_HOME` and `JAVA_HOME`
 * name, that are on the PATH or below /usr/lib/jvm.
 * @param {number} least
 * @param {number} most
 */
export function findJava(least, most) {
  const homes = [
    process.env['ES_JAVA_HOME'],
    process.env['JAVA_HOME'],
    ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => homeOf(join(folder, 'javac'))),
    ...listed('/usr/lib/jvm'),
  ].filter((home) => home !== undefined);
  const found = homes
    .map((home) => ({ home, version: versionOf(home) }))
    .filter(({ version }) => version >= least && version <= most)
    .sort((a, b) => b.version - a.version);
  if (found[0] !== undefined) return found[0].home;
  throw new Error(
    `A Java development kit of version ${least} to ${most} is needed: install one, or name it in JAVA_HOME.`,
  );
}

/** @param {string} javac */
function homeOf(javac) {
  return existsSync(javac) ? dirname(dirname(realpathSync(javac))) : undefined;
}

/** @param {string} home */
function versionOf(home) {
  try {
    if (!existsSync(join(home, 'bin', 'javac'))) return 0;
    return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** @param {string} folder */
function listed(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
