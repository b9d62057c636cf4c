import { describe, expect, it } from '@jest/globals';
import { parseClusterUrl } from '../src/cluster-url.js';
import { askAgain, type OutageWatch, persist } from '../src/outage.js';

const watch = (options: Partial<OutageWatch> = {}): OutageWatch => ({
  shown: 'redis://queue',
  patienceMs: 60_000,
  everyMs: 1,
  signal: new AbortController().signal,
  ...options,
});

/** Fails so many times. */
function flaky(failures: number): () => Promise<string> {
  let left = failures;
  return async () => {
    if (left-- > 0) throw new Error('no answer');
    return 'answer';
  };
}

describe('a queue that does not answer', () => {
  it('is asked again, and told of once an outage', async () => {
    const told: string[] = [];
    const onOutage = (error: unknown): void => void told.push(String(error));
    expect(await persist(flaky(3), watch({ onOutage }))).toBe('answer');
    expect(told).toEqual(['Error: no answer']);
  });

  it('is told of when it answers again', async () => {
    const told: string[] = [];
    const ask = flaky(2);
    let answers = 0;
    await askAgain(
      async () => {
        await ask();
        return ++answers === 2;
      },
      watch({ onOutage: () => told.push('out'), onReturn: () => told.push('back') }),
    );
    expect(told).toEqual(['out', 'back']);
  });

  it('is gone after some time', async () => {
    await expect(persist(flaky(Number.POSITIVE_INFINITY), watch({ patienceMs: 5 }))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('redis://queue'),
    });
  });

  it('that never says anything is gone as well', async () => {
    const silent = async (): Promise<never> => new Promise(() => {});
    await expect(persist(silent, watch({ patienceMs: 5 }))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is not asked again for what is final, nor after the end', async () => {
    const error = new Error('final');
    await expect(
      persist(
        async () => {
          throw error;
        },
        watch(),
        (thrown) => thrown === error,
      ),
    ).rejects.toBe(error);
    const reason = new Error('end');
    await expect(persist(flaky(0), watch({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  });
});

describe('the URL of a cluster', () => {
  it.each([
    ['redis://h:6379', 'redis'],
    ['rediss://h/2', 'redis'],
    ['postgres://u@h/d', 'postgres'],
    ['postgresql://u@h/d', 'postgres'],
  ] as const)('%s is %s', (url, kind) => expect(parseClusterUrl(url)).toMatchObject({ kind, url }));

  it('is shown without its password', () => {
    expect(parseClusterUrl('redis://u:geheim@h').shown).toBe('redis://u:***@h');
  });

  it.each(['', 'amqp://h', 'localhost:6379', 'redis', 'amqp://u:geheim@h'])("'%s' is refused", (url) => {
    expect(() => parseClusterUrl(url)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.not.stringContaining('geheim') }),
    );
  });
});
