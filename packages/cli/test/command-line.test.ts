import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commandLine, resumeArguments, resumeWorkArguments, shellQuote } from '../src/command-line.js';

describe('a command line to go on with', () => {
  it('names the dataset that was begun', () => {
    expect(
      resumeArguments(['export', '--from', 'lancedb:./a#b', '--to', 'exports/', '--strict'], 'exports/b-1'),
    ).toEqual(['export', '--from', 'lancedb:./a#b', '--strict', '--to', 'exports/b-1', '--resume']);
  });

  it('says --to and --resume once, however they were said', () => {
    expect(resumeArguments(['export', '--resume', '--to=exports/x'], 'exports/x')).toEqual([
      'export',
      '--to',
      'exports/x',
      '--resume',
    ]);
    expect(resumeArguments(['export'], 'exports/x')).toEqual(['export', '--to', 'exports/x', '--resume']);
  });

  it('goes on with what an import or a migration has written', () => {
    const args = ['import', '--from', 'a', '--mode', 'replace', '--force', '--to', 'b'];
    expect(resumeWorkArguments(args)).toEqual([...args, '--resume']);
    expect(resumeWorkArguments([...args, '--resume'])).toEqual([...args, '--resume']);
  });

  it('starts the program as it was started', () => {
    expect(commandLine(['export'], {})).toBe('vecport export');
    expect(commandLine(['export'], { npm_lifecycle_event: 'vecport' })).toBe('npm run -s vecport -- export');
  });
});

describe('quoting for a shell', () => {
  it('leaves plain arguments and quotes the others', () => {
    expect(shellQuote('--batch-size=5')).toBe('--batch-size=5');
    expect(shellQuote('lancedb:./a#b')).toBe("'lancedb:./a#b'");
    expect(shellQuote("it's")).toBe(String.raw`'it'\''s'`);
    expect(shellQuote('')).toBe("''");
  });

  it('is read back by a shell as it was', () => {
    const texts = fc.sample(
      fc.string({ unit: fc.constantFrom("'", '"', '$', '\\', ' ', '\n', '#', '*', '`', 'a', 'ä', '!') }),
      50,
    );
    const script = `printf '%s\\0' ${texts.map(shellQuote).join(' ')}`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(texts);
  });
});
