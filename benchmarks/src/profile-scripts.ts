import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScript, type Script, taskScript } from './measure.js';
import { type SelfTime, threadProfiles } from './wire/thread-profiles.js';

/** A script, and what its threads are called beside their own names. */
export interface ProfiledScript extends Script {
  readonly label: string;
}

/** A task of `task.ts` to be profiled. */
export function profiledTask(
  label: string,
  task: string,
  argument: string,
  settings: Pick<Script, 'env' | 'options'> = {},
): ProfiledScript {
  return { label, ...taskScript(task, argument, settings) };
}

/** Where the time of scripts goes: each is run once more with `--cpu-prof`; the `most` functions that take longest of each thread. */
export async function profileScripts(scripts: readonly ProfiledScript[], most: number): Promise<readonly SelfTime[]> {
  const tables: (readonly SelfTime[])[] = [];
  for (const { label, options = [], ...script } of scripts) {
    process.stderr.write(`profile: ${label}\n`);
    const folder = await mkdtemp(join(tmpdir(), 'vecport-profile-'));
    try {
      await runScript({ ...script, options: [...options, '--cpu-prof', `--cpu-prof-dir=${folder}`] });
      const times = await threadProfiles(folder, most);
      tables.push(
        times.map((time) => ({ ...time, thread: time.thread === 'main' ? label : `${label}, ${time.thread}` })),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return tables.flat();
}
