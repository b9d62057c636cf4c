import { describe, expect, it } from '@jest/globals';
import type { WriteReport } from '@vecport/abstractions';
import { sendParts } from '../src/send-parts.js';

const DONE: WriteReport = { accepted: 2, failed: [] };
const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('parts of a write', () => {
  it('are sent several at a time, made when there is room, the last one after all others', async () => {
    const log: string[] = [];
    let running = 0;
    const made = function* (): Generator<number> {
      for (let part = 0; part < 7; part++) {
        log.push(`make ${part} with ${running}`);
        yield part;
      }
    };
    const send = async (part: number, isLast: boolean): Promise<WriteReport> => {
      running++;
      log.push(`send ${part} ${isLast ? `last of ${running}` : ''}`.trim());
      expect(running).toBeLessThanOrEqual(3);
      await turn();
      running--;
      return part === 3 ? { accepted: 1, failed: [{ id: 'x', code: 'invalid-argument', reason: 'no' }] } : DONE;
    };
    expect(await sendParts(made(), send, { concurrency: 3 })).toEqual({
      accepted: 13,
      failed: [{ id: 'x', code: 'invalid-argument', reason: 'no' }],
    });
    expect(log.filter((line) => line.startsWith('send')).at(-1)).toBe('send 6 last of 1');
    expect(log.indexOf('make 5 with 2')).toBeGreaterThan(log.indexOf('send 2'));
  });

  it('may be one, or none', async () => {
    const sent: [number, boolean][] = [];
    const send = async (part: number, isLast: boolean): Promise<WriteReport> => {
      sent.push([part, isLast]);
      return DONE;
    };
    expect(await sendParts([], send, { concurrency: 3 })).toEqual({ accepted: 0, failed: [] });
    expect(await sendParts([9], send, { concurrency: 3 })).toEqual(DONE);
    expect(sent).toEqual([[9, true]]);
  });

  it('are given up when one fails, after those under way have ended', async () => {
    const ended: number[] = [];
    const send = async (part: number): Promise<WriteReport> => {
      await turn();
      if (part === 0) throw new Error('refused');
      await turn();
      ended.push(part);
      return DONE;
    };
    await expect(sendParts([0, 1, 2, 3, 4, 5, 6, 7, 8], send, { concurrency: 2 })).rejects.toThrow('refused');
    expect(ended).toEqual([1]);
  });

  it('are given up when the signal is aborted, with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped by the test');
    const sent: number[] = [];
    const send = async (part: number): Promise<WriteReport> => {
      sent.push(part);
      await turn();
      if (part === 1) controller.abort(reason);
      return DONE;
    };
    const options = { concurrency: 2, signal: controller.signal };
    await expect(sendParts([0, 1, 2, 3, 4, 5], send, options)).rejects.toBe(reason);
    expect(sent.length).toBeLessThan(5);
  });
});
