import { describe, expect, it } from '@jest/globals';
import { ByteRoom } from '@vecport/wire';
import fc from 'fast-check';

async function* chunksOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk;
}

describe('a room for answers', () => {
  it('gives the chunks of each answer side by side, whatever length was promised', async () => {
    const answer = fc.tuple(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.option(fc.nat(400), { nil: undefined }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { maxLength: 5 }), async (answers) => {
        const room = new ByteRoom();
        for (const [chunks, length] of answers)
          expect(Buffer.from(await room.collect(chunksOf(chunks), length))).toEqual(Buffer.concat(chunks));
      }),
    );
  });

  it('grows with an answer and is used again', async () => {
    const room = new ByteRoom();
    const chunk = new Uint8Array(100_000).fill(7);
    const first = await room.collect(chunksOf(Array.from({ length: 30 }, () => chunk)));
    expect([first.length, first.every((byte) => byte === 7)]).toEqual([3_000_000, true]);
    const second = await room.collect(chunksOf([chunk]), 100_000);
    expect([second.length, second.buffer === first.buffer]).toEqual([100_000, true]);
  });

  it('does not believe in a length that no answer has', async () => {
    for (const length of [Number.NaN, -1, 1e18, Number.POSITIVE_INFINITY])
      expect(await new ByteRoom().collect(chunksOf([Uint8Array.of(1)]), length)).toEqual(Buffer.of(1));
  });

  it('passes on what breaks an answer off', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
      throw new Error('cut');
    }
    await expect(new ByteRoom().collect(broken())).rejects.toThrow('cut');
  });
});
