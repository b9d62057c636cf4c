import { formatBootReport } from '@vecport/core/without-container';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { withHost } from '../host.js';

/** Show what is installed and what it can do. A store that cannot be reached is part of the report. */
export async function runReport(context: CommandContext): Promise<CommandOutcome> {
  return withHost(context, async (host) => {
    const report = await host.report({ signal: context.signal });
    const { files } = await context.environment();
    const fromFiles = files.map(({ file, variables }) => `\n  ${file}: ${variables.join(', ')}`);
    return {
      exitCode: EXIT_CODES.done,
      text: `${formatBootReport(report).trimEnd()}${fromFiles.length === 0 ? '' : `\n\nVariables from files${fromFiles.join('')}`}`,
      json: { command: 'report', ...report, environmentFiles: files },
    };
  });
}
