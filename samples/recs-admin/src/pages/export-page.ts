import { type Html, html } from './html.js';
import { layout } from './layout.js';

/** What an export into the embedding cache did. */
export function exportPage(message: string): Html {
  return layout(
    'Embedding cache',
    html`<section>
  <h1>Embedding cache</h1>
  <p role="status">${message}</p>
  <p><a href="/">Back to the first page</a></p>
</section>`,
  );
}
