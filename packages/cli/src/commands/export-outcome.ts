import { type DatasetSummary, summarizeDataset } from '@vecport/dataset';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import { collectionTable, listText } from '../output/collection-tables.js';
import { formatCount, formatDuration, plural, shorten } from '../output/format.js';
import { quarantineText } from '../output/parity-text.js';
import { formatMovedRate } from '../output/progress-tracker.js';
import type { Exported } from './export.js';
import type { ExportFlags } from './export-flags.js';

/** How many ids that were not there are shown; `--json` has more of them. */
const SHOWN_MISSING = 10;

/** What is told of an export, and the exit code. */
export function exportOutcome(exported: Exported, flags: ExportFlags, context: CommandContext): CommandOutcome {
  const { report, validation, milliseconds } = exported;
  const { manifest, url, resumed, warnings, restarted, missing, quarantine, retries } = report;
  const summary = summarizeDataset(manifest);
  const rates = new Map(
    summary.collections.map(({ name }) => [name, formatMovedRate(context.progress.moved.get(name), resumed === 'yes')]),
  );
  const problems = validation?.problems.map(({ message }) => message) ?? [];
  return {
    exitCode: exitCodeOf(exported, flags),
    text: [
      collectionTable(summary.collections, rates),
      `Dataset: ${url}`,
      [
        ending(exported),
        incrementText(summary),
        missingText(report.missing),
        ...report.quarantine.map(quarantineText),
        listText('Read again', restarted),
        listText('Warnings', warnings),
        listText('Problems', problems),
      ].join(''),
    ].join('\n'),
    json: {
      command: 'export',
      url,
      resumed,
      milliseconds: Math.round(milliseconds),
      ...summary,
      ...{ retries, missing, quarantine, restarted, warnings, validation },
    },
  };
}

function ending({ report, validation, milliseconds }: Exported): string {
  const done =
    report.resumed === 'complete'
      ? 'It was complete already; nothing was read.'
      : `Done in ${formatDuration(milliseconds)}.`;
  const retried = report.retries === 0 ? '' : ` Reading was tried again ${plural(report.retries, 'time')}.`;
  const checked = validation?.ok === true ? ' Every checksum and digest was verified.' : '';
  return `${done}${retried}${checked}`;
}

function incrementText({ parent, collections }: DatasetSummary): string {
  if (parent === undefined) return '';
  const lines = collections.flatMap(({ name, increment }) => {
    if (increment === undefined) return [];
    const { changed, added, deleted, points } = increment;
    const counts = [changed, added, deleted, points].map(formatCount);
    return [`${name}: ${counts[0]} changed, ${counts[1]} new, ${counts[2]} gone; ${counts[3]} points in all`];
  });
  return listText(`Since ${parent.id}`, lines);
}

function missingText({ count, ids }: Exported['report']['missing']): string {
  if (count === 0) return '';
  const shown = ids.slice(0, SHOWN_MISSING).map((id) => shorten(id, 60));
  const more = count > shown.length ? [`and ${formatCount(count - shown.length)} more`] : [];
  return listText(`${plural(count, 'id')} not found`, [...shown, ...more]);
}

function exitCodeOf({ report, validation }: Exported, flags: ExportFlags): ExitCode {
  const quarantined = flags.allowQuarantine !== true && report.quarantine.length > 0;
  const missing = report.missing.count > 0 && flags.allowMissing !== true;
  const strict = flags.strict === true && report.warnings.length > 0;
  return quarantined || missing || strict || validation?.ok === false ? EXIT_CODES.incomplete : EXIT_CODES.done;
}
