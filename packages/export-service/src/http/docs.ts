import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Router } from 'express';
import helmet from 'helmet';
import type { OpenApiDocument } from './openapi.js';

const require = createRequire(import.meta.url);

const FILES: ReadonlySet<string> = new Set(['swagger-ui.css', 'swagger-ui-bundle.js']);

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vecport export service</title>
<link rel="stylesheet" href="./swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="./swagger-ui-bundle.js"></script>
<script src="./start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '../openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null });\n`;

/** The description of the API at `/openapi.json`, and a page to read and try it at `/docs/`, from this service alone. */
export function docsRouter(document: OpenApiDocument): Router {
  const folder = dirname(require.resolve('swagger-ui-dist/package.json'));
  const router = Router();
  router.get('/openapi.json', (request, response) => {
    response.json({ ...document, servers: [{ url: request.baseUrl === '' ? '/' : request.baseUrl }] });
  });
  router.use('/docs', docsHeaders());
  router.get('/docs', (request, response, next) => {
    const [path = ''] = request.originalUrl.split('?');
    if (path.endsWith('/')) next();
    else response.redirect(308, `${request.baseUrl}/docs/`);
  });
  router.get('/docs/', (_request, response) => void response.type('html').send(PAGE));
  router.get('/docs/start.js', (_request, response) => void response.type('js').send(START));
  router.get('/docs/:file', (request, response, next) => {
    const { file } = request.params;
    if (FILES.has(file)) response.sendFile(join(folder, file), { dotfiles: 'allow' });
    else next();
  });
  return router;
}

/** Scripts and styles of this service only; the page writes styles into its elements. */
function docsHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  });
}
