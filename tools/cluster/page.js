// @ts-check
import { LINK_SHAPE } from './run-network.js';

/** @typedef {import('./results.js').Results} Results */

const BEGIN = '<!-- Written by `npm run test:cluster -- --keep`, down to the end mark: -->';
const END = '<!-- End of what is written by npm run test:cluster. -->';

/**
 * A page whose section between two marks is written anew.
 * @param {string} page
 * @param {Results} results
 * @returns {string}
 */
export function withResults(page, results) {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`The page has no section between ${BEGIN} and ${END}.`);
  return `${before}${BEGIN}\n\n${resultSection(results)}\n\n${END}${after}`;
}

/** @param {Results} results */
function resultSection({ kills, network, gone }) {
  return [
    ...(kills === undefined ? [] : [killSection(kills)]),
    ...(network === undefined ? [] : [networkSection(network)]),
    ...(gone === undefined ? [] : [goneSection(gone)]),
  ].join('\n\n');
}

/** @param {NonNullable<Results['kills']>} batch */
function killSection({ runs, points, command, date }) {
  const bad = runs.filter(({ problems }) => problems.length > 0).length;
  const killed = runs.reduce((sum, { kills }) => sum + kills, 0);
  return `### Workers killed, the queue killed

${runs.length} exports of ${count(points)} points with four workers; ${killed} workers were killed with \`-9\` between the first and the last
part, and each queue once. ${bad} of the runs ended with anything else than what one process makes of the same source.
\`${command}\`, ${date}.

${killTable(runs)}`;
}

/** @param {readonly import('./run-kills.js').KillRun[]} runs */
export function killTable(runs) {
  const lines = runs.map((run, at) => [
    String(at + 1),
    run.cell.queue,
    run.cell.restart === 'kept' ? 'with its data' : 'empty',
    `${run.partsAtRestart} of ${run.parts}`,
    String(run.kills),
    String(run.duplicates),
    run.seconds.toFixed(1),
    outcomeOf(run.problems),
  ]);
  return table(
    [
      '',
      'Queue',
      'Started again',
      'Parts when it was killed',
      'Workers killed',
      'Ids twice',
      'Seconds',
      'As one process',
    ],
    lines,
  );
}

/** @param {NonNullable<Results['network']>} batch */
function networkSection({ runs, points, command, date }) {
  return `### Slow links, and a partition

Export of ${count(points)} points from a Qdrant (a fake one that answers like it) into a bucket of Versity S3 Gateway. Source, bucket and
queue are behind links of ${LINK_SHAPE}. Workers that are cut off reach nothing, and are told nothing, until the partition
ends. \`${command}\`, ${date}.

${networkTable(runs)}`;
}

/** @param {readonly import('./run-network.js').NetworkRun[]} runs */
export function networkTable(runs) {
  const lines = runs.map((run) => [
    run.how,
    `${run.cutOff} of ${run.workers}`,
    `${run.cutMs / 1000} s`,
    `${run.partsAtCut}, ${run.partsAfterCut}`,
    String(run.parts),
    String(run.duplicates),
    run.megabytes.toFixed(1),
    run.seconds.toFixed(1),
    outcomeOf(run.problems),
  ]);
  const head = [
    'Network',
    'Cut off',
    'For',
    'Parts before and after',
    'Parts',
    'Ids twice',
    'MB',
    'Seconds',
    'As one process',
  ];
  return table(head, lines);
}

/** @param {NonNullable<Results['gone']>} batch */
function goneSection({ runs, points, command, date }) {
  return `### Gone for good

Export of ${count(points)} points, of which one place is lost at about a third, with a patience of 8 s; then a later run with
\`--resume\`. Kept are committed parts whose files the later run did not touch. \`${command}\`, ${date}.

${goneTable(runs)}`;
}

/** @param {readonly import('./run-gone.js').GoneRun[]} runs */
export function goneTable(runs) {
  const lines = runs.map((run) => [
    run.gone,
    `${run.failedAfter.toFixed(1)} s`,
    String(run.exitCode),
    run.said.replaceAll('|', '\\|').replaceAll(/127\.0\.0\.1:\d+/g, 'HOST'),
    `${run.kept} of ${run.committed}`,
    String(run.parts),
    outcomeOf(run.problems),
  ]);
  return table(
    ['Gone', 'Failed after', 'Exit code', 'It said', 'Parts kept', 'Parts', 'In the end as one process'],
    lines,
  );
}

/** @param {readonly string[]} problems */
function outcomeOf(problems) {
  return problems.length === 0 ? 'equal' : problems.map((problem) => problem.split('\n')[0]).join(', ');
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} lines */
function table(head, lines) {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {number} number */
function count(number) {
  return number.toLocaleString('en');
}
