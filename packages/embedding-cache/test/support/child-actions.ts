import { existsSync } from 'node:fs';
import { isVecportError } from '@vecport/abstractions';
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
  /** Wait for the start, store fifty and end without closing. */
  async 'store-and-end'(folder, [from = '']) {
    await startTogether(folder);
    const cache = await openLocalEmbeddingCache(folder);
    await cache.setMany(Array.from({ length: 50 }, (_, index) => embeddingOf(Number(from) + index)));
  },
  /** Wait for the start, store one embedding of this dimension for each of thirty models, say what came of each. */
  async 'store-dimension'(folder, [dimension = '']) {
    await startTogether(folder);
    const cache = await openLocalEmbeddingCache(folder);
    const outcomes: string[] = [];
    for (let model = 0; model < 30; model += 1) {
      const embedding = new Float32Array(Number(dimension));
      outcomes.push(await outcome(async () => cache.set(computeContentHash(dimension), `model ${model}`, embedding)));
    }
    await cache.close();
    await say(outcomes);
  },
  /** Without the rights of root: say how it ends to open a cache and to store something in it. */
  async 'use-without-rights'(folder) {
    dropRights();
    await say(await outcome(async () => (await openLocalEmbeddingCache(folder)).setMany([embeddingOf(0)])));
  },
  /** Say how it ends to open a cache. */
  async open(folder) {
    const error: unknown = await openLocalEmbeddingCache(folder).catch((reason: unknown) => reason);
    const { code, message } = error as { code?: string; message?: string };
    await say({ code, message });
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

/** Say that this process is ready, and wait for the file beside the folder that starts them all. */
async function startTogether(folder: string): Promise<void> {
  await say('ready');
  while (!existsSync(`${folder}.start`)) await new Promise((resolve) => setImmediate(resolve));
}

function dropRights(): void {
  const nobody = 65_534;
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}

/** `done`, or the code of the error. */
async function outcome(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'done';
  } catch (error) {
    if (isVecportError(error)) return error.code;
    throw error;
  }
}

async function say(value: unknown): Promise<void> {
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify(value)}\n`, resolve));
}

const [action = '', folder = '', ...args] = process.argv.slice(2);
await ACTIONS[action]?.(folder, args);
