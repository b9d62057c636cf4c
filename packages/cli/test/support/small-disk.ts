import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** What is done on a disk that is too small, and what after that, when it has become larger. */
export interface SmallDiskWork {
  /** Where the disk is. */
  readonly folder: string;
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** Where what is on the disk is copied to in the end; the disk is gone then. */
  readonly copyTo: string;
}

/**
 * Do the first work on a disk of 1 MiB, mounted at the folder for these commands alone (a mount namespace of their own),
 * and the second when the disk has 64 MiB. Where that is not allowed, the first work has a limit on the size of a file,
 * which the system enforces in the same place; that is said. The exit codes of both are in the last line of the output.
 */
export async function runOnSmallDisk(
  work: SmallDiskWork,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const [program = '', ...args] = commandLine(work);
  return promisify(execFile)(program, args, { env: { PATH: process.env['PATH'] } });
}

function commandLine({ folder, first, second, copyTo }: SmallDiskWork): readonly string[] {
  const both = `${quoted(first)}; a=$?; GROW; ${quoted(second)}; b=$?; cp -r '${folder}/.' '${copyTo}'; echo "codes $a $b"`;
  const mount = `mount -t tmpfs -o size=1m tmpfs '${folder}'`;
  const flags = process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];
  const tried = spawnSync('unshare', [...flags, 'sh', '-c', mount], { encoding: 'utf8' });
  if (tried.status === 0) {
    const grow = `mount -o remount,size=64m '${folder}'`;
    return ['unshare', ...flags, 'sh', '-c', `${mount} && { ${both.replace('GROW', grow)}; }`];
  }
  const reason = tried.error?.message ?? tried.stderr.trim();
  process.stderr.write(`No small disk can be mounted here (${reason}): a file size limit stands in for it.\n`);
  return [
    'sh',
    '-c',
    both.replace(quoted(first), `(trap '' XFSZ; ulimit -f 64; ${quoted(first)})`).replace('GROW', ':'),
  ];
}

function quoted(command: readonly string[]): string {
  return command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
