import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { startTestApplication } from './support/start-test-application.js';

describe('The pages and the catalogue', () => {
  let application: Application;

  beforeAll(async () => {
    application = await startTestApplication();
  });

  afterAll(async () => {
    await application.close();
    await removeTempFolders();
  });

  async function page(path: string): Promise<string> {
    const response = await fetch(new URL(path, application.url), { headers: { accept: 'text/html' } });
    return response.text();
  }

  it('GET /api/items/:id/similar puts cat face near dog face, and not the item itself', async () => {
    const response = await fetch(new URL('/api/items/1F436/similar?k=10', application.url));
    const body = (await response.json()) as {
      item: { label: string };
      similar: { item: { label: string }; score: number }[];
    };
    const labels = body.similar.map(({ item }) => item.label);
    expect(body.item.label).toBe('dog face');
    expect(labels.length).toBe(10);
    expect(labels).toContain('cat face');
    expect(labels).not.toContain('dog face');
    const scores = body.similar.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('leaves out neighbours whose items are gone, and counts them', async () => {
    const url = new URL('/api/items/1F434/similar?k=3', application.url);
    const before = (await (await fetch(url)).json()) as { similar: { item: { id: string } }[] };
    const nearest = before.similar[0]?.item.id ?? '';
    expect(application.items.delete(nearest)).toBe(true);
    const after = (await (await fetch(url)).json()) as { similar: { item: { id: string } }[]; gone: number };
    expect(after.gone).toBe(1);
    expect(after.similar.map(({ item }) => item.id)).not.toContain(nearest);
  });

  it('GET /api/items?query= finds items by label, tags and emoji', async () => {
    const found = async (query: string): Promise<string[]> => {
      const url = new URL('/api/items', application.url);
      url.searchParams.set('query', query);
      const { items } = (await (await fetch(url)).json()) as { items: { label: string }[] };
      return items.map(({ label }) => label);
    };
    expect((await found('ROCKET'))[0]).toBe('rocket');
    expect(await found('rocket woman')).toEqual(['woman astronaut']);
    expect((await found('dog face'))[0]).toBe('dog face');
    expect(await found('🦊')).toEqual(['fox']);
    expect(await found('100%')).toEqual([]);
    expect(await found('\0')).toEqual([]);
    expect(await found('')).toEqual([]);
  });

  it('GET /api/items/:id/similar?group= stays within the group', async () => {
    const url = new URL('/api/items/1F436/similar?k=10&group=food-drink', application.url);
    const { similar } = (await (await fetch(url)).json()) as { similar: { item: { group: string } }[] };
    expect(similar).toHaveLength(10);
    expect(new Set(similar.map(({ item }) => item.group))).toEqual(new Set(['food-drink']));
  });

  it('GET /api/overview says what is here', async () => {
    const response = await fetch(new URL('/api/overview', application.url));
    expect(await response.json()).toMatchObject({
      provider: 'lancedb',
      collection: 'emoji',
      dimension: 384,
      metric: 'cosine',
      embeddingModel: 'all-MiniLM-L6-v2',
      textSearch: false,
      vectors: 1923,
      groups: expect.arrayContaining(['smileys-emotion', 'food-drink']),
    });
  });

  it('GET /api/map puts a cat nearer to a dog than to a flag', async () => {
    const response = await fetch(new URL('/api/map', application.url));
    const { points } = (await response.json()) as { points: { id: string; x: number; y: number }[] };
    expect(points.every(({ x, y }) => Math.abs(x) <= 1 && Math.abs(y) <= 1)).toBe(true);
    const at = (id: string) => points.find((point) => point.id === id) ?? { x: Number.NaN, y: Number.NaN };
    const distance = (one: string, other: string): number =>
      Math.hypot(at(one).x - at(other).x, at(one).y - at(other).y);
    expect(distance('1F436', '1F431')).toBeLessThan(distance('1F436', '1F1E9-1F1EA'));
  });

  it('GET /api/items/by-text says what it needs when no embedding service is configured', async () => {
    const response = await fetch(new URL('/api/items/by-text?text=pets', application.url));
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('EMBEDDING_URL') });
  });

  it('what is missing has a page that says so, with what the client sent escaped', async () => {
    const text = await page(`/nothing/${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(text).toContain('There is nothing at');
    expect(text).not.toContain('<script');
  });

  it('allows scripts of its own only, and no foreign sources', async () => {
    const response = await fetch(application.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("script-src 'self'");
    expect(response.headers.get('x-powered-by')).toBeNull();
    const style = await fetch(new URL('/style.css', application.url));
    expect(style.headers.get('content-type')).toMatch('text/css');
    expect(await style.text()).toContain('light-dark');
  });
});
