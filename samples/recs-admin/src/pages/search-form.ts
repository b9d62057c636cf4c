import { type Html, html } from './html.js';

/** The form that searches items by words. */
export function searchForm(query: string): Html {
  return html`<form class="search" role="search" action="/" method="get">
  <label for="query">Search the catalogue</label>
  <input id="query" name="query" type="search" maxlength="200" value="${query}" placeholder="dog, rocket, happy face …">
  <button type="submit">Search</button>
</form>`;
}
