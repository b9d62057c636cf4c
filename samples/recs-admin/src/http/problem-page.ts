import { type Html, html } from './html.js';
import { layout } from './layout.js';
import type { Problem } from './problem.js';

/** A failed request, to be read by a person. */
export function problemPage({ status, title, detail, alternatives }: Problem): Html {
  return layout(
    title,
    html`<section>
  <h1>${title}</h1>
  <p role="alert">${detail}</p>
  ${alternatives === undefined || alternatives.length === 0 ? '' : html`<p>Adapters here that can do it: ${alternatives.join(', ')}.</p>`}
  <p class="muted">HTTP ${status}</p>
  <p><a href="/">Back to the first page</a></p>
</section>`,
  );
}
