import { drainWork, openDrain } from '../providers/drain.js';
import { report } from '../report.js';
import { drainRecording } from './drain-recording.js';
import { importPlainly, importWithVecport } from './import-tasks.js';
import { exportPlainly } from './plain-export.js';
import type { WireTask } from './wire-task.js';

/*
 * A process that is measured: `task.js TASK`, the task as JSON; it prints a Sample.
 */
const task = JSON.parse(process.argv[2] ?? '{}') as WireTask;
switch (task.kind) {
  case 'drain': {
    const recording = drainRecording(task);
    const drain = await openDrain(recording, { client: '', storeUrl: '', host: '', ports: {}, collection: '' });
    await report(drainWork(recording, drain));
    await drain.close();
    break;
  }
  case 'plain':
    await exportPlainly(task);
    break;
  case 'import':
    await importWithVecport(task);
    break;
  case 'plain-import':
    await importPlainly(task);
    break;
}
