import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, type ErrorCode, VecportError } from '@vecport/abstractions';
import { CommandError, describeFailure, type FailureContext } from '../src/failure.js';
import { failureText, stackText } from '../src/print-failure.js';

const exitOf = (code: ErrorCode, context: FailureContext = {}): number =>
  describeFailure(new CommandError(new VecportError(code, 'No.'), context), false).exitCode;

describe('the exit code of an error', () => {
  it.each(ERROR_CODES.filter((code) => code !== 'invalid-argument' && code !== 'incomplete'))('%s: 1', (code) => {
    expect(exitOf(code)).toBe(1);
    expect(exitOf(code, { begun: true })).toBe(1);
  });

  it('a wrong argument: 2, unless work has begun', () => {
    expect(exitOf('invalid-argument')).toBe(2);
    expect(exitOf('invalid-argument', { begun: true })).toBe(1);
  });

  it('missing points: 3', () => {
    expect(exitOf('incomplete', { begun: true })).toBe(3);
  });

  it('damaged data: 3 where a dataset is read', () => {
    expect(exitOf('corrupt-data', { damaged: true })).toBe(3);
  });

  it('anything after an interrupt: 130', () => {
    expect(describeFailure(new VecportError('storage', 'No.'), true).exitCode).toBe(130);
  });

  it('a defect: 1, with its message', () => {
    expect(describeFailure(new TypeError('x is not a function'), false)).toMatchObject({
      exitCode: 1,
      code: 'unexpected',
      message: 'Unexpected: x is not a function',
    });
  });
});

describe('what is told of an error', () => {
  const resume = 'vecport export --resume';

  it('is what happened, to what, and what to do', () => {
    const error = new VecportError('not-found', 'There is no table.', {
      provider: 'lancedb',
      collection: 'a',
      advice: 'Make one.',
    });
    expect(failureText(describeFailure(error, false))).toBe('vecport: [lancedb / a] There is no table.\n  Make one.\n');
  });

  it('is how to go on after what only this work recovers from', () => {
    const gone = new VecportError('not-found', 'Dropped.');
    const context: FailureContext = { begun: true, resume };
    expect(describeFailure(new CommandError(gone, context), false).resume).toBeUndefined();
    const also: FailureContext = { ...context, alsoResumable: ['not-found'] };
    expect(describeFailure(new CommandError(gone, also), false).resume).toBe(resume);
    expect(describeFailure(new CommandError(gone, { ...also, begun: false }), false).resume).toBeUndefined();
  });

  it('is how to go on, when points were moved and going on can help', () => {
    const context = { begun: true, resume };
    expect(failureText(describeFailure(new CommandError(new VecportError('storage', 'Full.'), context), false))).toBe(
      `vecport: Full.\n  Go on with: ${resume}\n`,
    );
    for (const code of ['timeout', 'expired', 'rate-limited'] as const)
      expect(describeFailure(new CommandError(new VecportError(code, 'No.'), context), false).resume).toBe(resume);
    expect(
      describeFailure(new CommandError(new VecportError('incomplete', 'No.'), context), false).resume,
    ).toBeUndefined();
    expect(
      describeFailure(new CommandError(new VecportError('storage', 'No.'), { resume }), false).resume,
    ).toBeUndefined();
  });

  it('is how to go on after an interrupt, also when no point was moved yet', () => {
    expect(describeFailure(new CommandError(new Error('aborted'), { resume }), true).resume).toBe(resume);
  });

  it('is what is gone, whatever went wrong, and after an interrupt too', () => {
    const error = new CommandError(new VecportError('storage', 'No.'), { changed: 'It was dropped.' });
    expect(describeFailure(error, false).message).toBe('No. It was dropped.');
    expect(describeFailure(error, true).message).toBe('Interrupted. It was dropped.');
  });

  it('says what stands for a secret', () => {
    const shown = failureText({
      code: 'interrupted',
      message: 'Interrupted.',
      resume: 'vecport x://u:***@h',
      exitCode: 130,
    });
    expect(shown).toContain('*** stands for the secret');
  });

  it('is where it happened, with causes, when asked for', () => {
    const error = new CommandError(new VecportError('storage', 'Full.', { cause: new Error('ENOSPC') }), {});
    expect(stackText(error)).toMatch(/VecportError: Full\.\n {4}at [\s\S]*\nCaused by: Error: ENOSPC\n {4}at /);
  });
});
