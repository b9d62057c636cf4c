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

  it('the first page shows what is here, and searches', async () => {
    const first = await page('/');
    expect(first).toContain('lancedb');
    expect(first).toContain('all-MiniLM-L6-v2');
    expect(first).toContain('<code>exportAll</code>');
    expect(first).toContain('<form action="/admin/cache/embeddings/export" method="post">');
    const found = await page('/?query=dragon');
    expect(found).toContain('🐉');
    expect(found).toContain('href="/items/1F409"');
  });

  it('an item has a page with its neighbours, and what is missing has a page that says so', async () => {
    expect(await page('/items/1F436')).toContain('cat face');
    expect(await page('/items/NOPE')).toContain('There is no item');
  });

  it('escapes what the client sends', async () => {
    const text = await page(`/?query=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(text).not.toContain('<script');
    expect(text).toContain('&quot;&gt;&lt;script&gt;');
  });

  it('allows no scripts and no foreign sources', async () => {
    const response = await fetch(application.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('script-src');
    expect(response.headers.get('x-powered-by')).toBeNull();
    const style = await fetch(new URL('/style.css', application.url));
    expect(style.headers.get('content-type')).toMatch('text/css');
    expect(await style.text()).toContain('light-dark');
  });
});
