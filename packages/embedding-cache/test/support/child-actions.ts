import { computeContentHash, openLocalEmbeddingCache } from '@vecport/embedding-cache';
import { floatsOf } from './bits.js';

/** What the tests run in a second process: `node child-actions.ts <action> <folder> …`. */
const ACTIONS: Readonly<Record<string, (folder: string, args: string[]) => Promise<void>>> = {
  /** Store embeddings of 384 numbers, a hundred a call, say the number after each call, until killed. */
  async 'store-without-end'(folder) {
    const cache = await openLocalEmbeddingCache(folder);
    for (let stored = 0; ; stored += 100) {
      await cache.setMany(Array.from({ length: 100 }, (_, index) => embeddingOf(stored + index)));
      await say(stored + 100);
    }
  },
  /** Store some, and stay until killed. */
  async 'store-and-stay'(folder, [count = '']) {
    const cache = await openLocalEmbeddingCache(folder);
    await cache.setMany(Array.from({ length: Number(count) }, (_, index) => embeddingOf(index)));
    await say(await cache.stats());
    setInterval(() => undefined, 1 << 30);
  },
  /** Store one at a time, so that two of these take turns. */
  async 'store-one-by-one'(folder, [from = '', to = '']) {
    const cache = await openLocalEmbeddingCache(folder);
    for (let number = Number(from); number < Number(to); number += 1) {
      const { contentHash, modelId, embedding } = embeddingOf(number);
      await cache.set(contentHash, modelId, embedding);
    }
    await cache.close();
    await say('done');
  },
  /** Store until the disk refuses; then read and store less. */
  async 'store-until-refused'(folder) {
    const cache = await openLocalEmbeddingCache(folder);
    let stored = 0;
    const fill = async (): Promise<unknown> => {
      for (; ; stored += 50) {
        await cache.setMany(Array.from({ length: 50 }, (_, index) => embeddingOf(stored + index)));
      }
    };
    const { code, message } = (await fill().catch((error: unknown) => error)) as { code: string; message: string };
    const { entries } = await cache.stats();
    const last = embeddingOf(stored - 1);
    const found = await cache.get(last.contentHash, last.modelId);
    await say({ code, message, intact: entries === stored && stored > 0 && found?.length === 384 });
    await cache.close();
  },
};

function embeddingOf(number: number): { contentHash: string; modelId: string; embedding: Float32Array } {
  const embedding = floatsOf(Array.from({ length: 384 }, (_, index) => number * 384 + index));
  return { contentHash: computeContentHash(`text ${number}`), modelId: 'm', embedding };
}

async function say(value: unknown): Promise<void> {
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify(value)}\n`, resolve));
}

const [action = '', folder = '', ...args] = process.argv.slice(2);
await ACTIONS[action]?.(folder, args);
