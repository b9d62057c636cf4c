import { type Html, type HtmlPart, html } from './html.js';

/** A whole page. It works without scripts and has none. */
export function layout(title: string, main: HtmlPart): Html {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <a class="skip" href="#main">Skip to content</a>
  <header><a class="home" href="/"><span aria-hidden="true">🧭</span> Recs admin</a> <span class="muted">a Vecport sample</span></header>
  <main id="main">${main}</main>
  <footer class="muted">Emoji: emojibase-data 17.0.0 (MIT). Embeddings: all-MiniLM-L6-v2.</footer>
</body>
</html>
`;
}
