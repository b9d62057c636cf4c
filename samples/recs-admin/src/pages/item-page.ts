import type { SimilarItems } from '../catalogue/recommender.js';
import { type Html, html } from './html.js';
import { itemList } from './item-list.js';
import { layout } from './layout.js';
import { searchForm } from './search-form.js';

/** An item and what is similar to it. */
export function itemPage({ item, similar, gone }: SimilarItems): Html {
  const neighbours = similar.map((neighbour) => ({ item: neighbour.item, note: neighbour.score.toFixed(3) }));
  return layout(
    `${item.emoji} ${item.label}`,
    html`${searchForm('')}
<section class="hero">
  <span class="emoji huge" aria-hidden="true">${item.emoji}</span>
  <div><h1>${item.label}</h1><p class="muted">${item.tags.join(', ')}</p></div>
</section>
<section>
  <h2>More like this</h2>
  ${neighbours.length === 0 ? html`<p>Nothing is near it.</p>` : itemList('More like this', neighbours)}
  ${gone === 0 ? '' : html`<p class="muted">${gone} nearer vectors are not shown: their items are gone.</p>`}
</section>`,
  );
}
