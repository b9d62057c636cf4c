import type { BootReport } from '@vecport/core';
import type { Item } from '../catalogue/item.js';
import { capabilityTable } from './capability-table.js';
import { type Html, html } from './html.js';
import { itemList } from './item-list.js';
import { layout } from './layout.js';
import { searchForm } from './search-form.js';

/** What the first page shows. */
export interface HomeModel {
  readonly query: string;
  /** What the query found; without a query, a few items to begin with. */
  readonly items: readonly Item[];
  readonly provider: string;
  readonly collection: string;
  readonly embeddingModel: string | undefined;
  readonly counts: { readonly items: number; readonly vectors: number; readonly cached: number };
  /** Why embeddings cannot be exported; absent when they can. */
  readonly exportProblem?: string | undefined;
  readonly report: BootReport;
}

/** The first page: what this is, the catalogue, and the state of the application. */
export function homePage(model: HomeModel): Html {
  return layout(
    'Recs admin',
    html`<section>
  <h1>Find an emoji, then more like it</h1>
  <p>A small recommender: items in SQLite, their vectors in ${model.provider}, embeddings in a cache. Changing the vector store takes one environment variable.</p>
</section>
${searchForm(model.query)}
${results(model)}
${counts(model)}
${exportForm(model)}
<section>
  <h2>Providers and capabilities</h2>
  ${capabilityTable(model.report)}
  <p><a href="/admin/capabilities">Boot report as JSON</a></p>
</section>`,
  );
}

function results({ query, items }: HomeModel): Html {
  const shown = items.map((item) => ({ item }));
  if (query === '') return html`<section><h2>Begin with one of these</h2>${itemList('Some items', shown)}</section>`;
  if (items.length === 0) {
    return html`<section><h2>Nothing for “${query}”</h2><p>Try another word, or <a href="/">begin with one of a few</a>.</p></section>`;
  }
  return html`<section><h2>Found for “${query}”</h2>${itemList('Search results', shown)}</section>`;
}

function counts({ provider, collection, embeddingModel, counts: { items, vectors, cached } }: HomeModel): Html {
  return html`<section>
  <h2>What is here</h2>
  <dl class="facts">
    <div><dt>Items</dt><dd>${grouped(items)}</dd></div>
    <div><dt>Vectors in ${provider}, collection ${collection}</dt><dd>${grouped(vectors)}</dd></div>
    <div><dt>Embeddings in the cache</dt><dd>${grouped(cached)}</dd></div>
    <div><dt>Embedding model</dt><dd>${embeddingModel ?? 'unknown'}</dd></div>
  </dl>
</section>`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function exportForm({ exportProblem }: HomeModel): Html {
  const form = html`<form action="/admin/cache/embeddings/export" method="post"><button type="submit">Export embeddings to the cache</button></form>`;
  return html`<section>
  <h2>Embedding cache</h2>
  <p>Copies every stored vector into the embedding cache, so that rebuilding the catalogue pays for no embedding again.</p>
  ${exportProblem === undefined ? form : html`<p role="note"><strong>Not possible here.</strong> ${exportProblem}</p>`}
  <p><a href="/admin/cache/stats">Cache statistics as JSON</a></p>
</section>`;
}
