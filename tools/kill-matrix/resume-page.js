// @ts-check
import { allCells, cellName } from './matrix.js';

/** @typedef {import('./kill-run.js').Run} Run */

/**
 * What was run.
 * @typedef {object} Results
 * @property {string} command
 * @property {string} date
 * @property {number} seed
 * @property {number} points
 * @property {readonly (Run & { readonly problems: readonly string[] })[]} runs
 */

const HEAD = `# Resuming

Written by \`npm run kill-matrix -- --keep\`: no figure here is typed by hand.

An export, an import or a migration that was interrupted, failed or was killed goes on with \`--resume\` and the same
command line otherwise; \`--parallel\` and \`--batch-size\` may be others. An export keeps its plan and its checkpoints in
the dataset's folder until the manifest is written. An import or a migration keeps them in a folder of its own:
\`--state\`, or one in \`.vecport\` that it finds again. A part is made durable first, then its checkpoint is saved, so a
kill at any moment costs at most the parts that were open.

What does not go on: a run with another source, target, selection or mode is refused, and so is one whose source is no
longer the collection the plan was made for. A target that was dropped in between is made again and filled from the
start, except with \`--mode append\`; one that lost points gets all of them again. Where the provider no longer holds the
state a collection had at the start of a migration or an export, it is read from its start again, and that is said.

## What was tried

Each run begins, is killed with SIGKILL at a random moment, and is resumed with another number of workers. The kill
counts only when it fell between the first and the last commit: the checkpoints are read after it, and the points that
they vouch for are shown. Some runs are killed a second time while they are resumed. In the end the target is read back
and compared with that of an uninterrupted run: the number of points, every id, no id twice, the digest of all ids,
vectors and metadata, and of exports every file byte by byte.

A streamed S3 upload is an export straight into a bucket of Versity S3 Gateway, with its plan, lock and checkpoints
there too; a part becomes visible when its upload is complete. The parts of this table are small enough for one request
each.
`;

/** @param {Results} results */
export function resumePage({ command, date, seed, points, runs }) {
  const bad = runs.filter(({ problems }) => problems.length > 0).length;
  const kills = runs.reduce((sum, run) => sum + run.kills.length, 0);
  const late = runs.reduce((sum, run) => sum + run.tooLate, 0);
  return `${HEAD}
${runs.length} runs with ${kills} kills on ${count(points)} points, ${bad} of them with another outcome than an uninterrupted run.
${late} more attempts were thrown away because the kill came before the first or after the last commit.
\`${command}\`, seed ${seed}, ${date}.

${cellTable(runs)}

## Run by run

${runTable(runs, points)}
`;
}

/** @param {Results['runs']} runs */
export function cellTable(runs) {
  const lines = allCells().map((cell) => {
    const own = runs.filter((run) => cellName(run.cell) === cellName(cell));
    const committed = own.flatMap(({ kills }) => kills.map((kill) => kill.points));
    return [
      cell.kind,
      `${cell.workers} → ${cell.resumedWith}`,
      String(own.length),
      String(committed.length),
      committed.length === 0 ? '' : `${count(Math.min(...committed))} – ${count(Math.max(...committed))}`,
      sum(own.map(({ outcome }) => outcome.duplicates)),
      sum(own.map(({ outcome }) => outcome.missing)),
      `${own.filter(({ problems }) => problems.length === 0).length} of ${own.length}`,
    ];
  });
  const head = [
    'Work',
    'Workers',
    'Runs',
    'Kills',
    'Points committed at the kill',
    'Twice',
    'Missing',
    'As uninterrupted',
  ];
  return markdownTable(head, lines);
}

/** @param {Results['runs']} runs @param {number} points */
function runTable(runs, points) {
  const lines = runs.map(({ cell, kills, problems }, at) => [
    String(at + 1),
    cell.kind,
    `${cell.workers} → ${cell.resumedWith}`,
    kills.map((kill) => `${kill.parts} parts, ${((kill.points / points) * 100).toFixed(1)} %`).join('; '),
    problems.length === 0 ? 'equal' : problems.join(', '),
  ]);
  return markdownTable(['', 'Work', 'Workers', 'Committed at each kill', 'Outcome'], lines);
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} lines */
function markdownTable(head, lines) {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return String(numbers.reduce((total, number) => total + number, 0));
}

/** @param {number} number */
function count(number) {
  return number.toLocaleString('en');
}
