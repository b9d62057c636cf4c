import type { Item } from '../catalogue/item.js';
import { type Html, html } from './html.js';

/** Something to say below an item. */
export interface ShownItem {
  readonly item: Item;
  readonly note?: string | undefined;
}

/** Items as large pictures that lead to what is similar to them. */
export function itemList(label: string, items: readonly ShownItem[]): Html {
  return html`<ul class="items" aria-label="${label}">
${items.map(({ item, note }) => itemTile(item, note))}</ul>`;
}

function itemTile({ id, emoji, label }: Item, note: string | undefined): Html {
  return html`<li><a class="item" href="/items/${encodeURIComponent(id)}"><span class="emoji" aria-hidden="true">${emoji}</span><span>${label}</span>${
    note === undefined ? '' : html`<span class="muted">${note}</span>`
  }</a></li>
`;
}
