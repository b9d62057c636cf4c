import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { SAMPLE_FOLDER } from '../settings.js';
import { problem } from './problem.js';
import { sendProblem, wantsPage } from './send.js';

/** What `npm run build` makes of `web/`. */
export const WEB_FOLDER = join(SAMPLE_FOLDER, 'dist', 'web');

/** Paths of pages that the dashboard draws itself. */
const PAGES = ['/', '/items', '/map', '/providers', '/datasets', '/datasets/:name', '/move', '/jobs', '/cluster'];

/**
 * The dashboard: its files, which never change under a name, and its one page at the path of every view. Programs that
 * ask a page's path for JSON are told that there is none.
 */
export function dashboardRoutes(): Router {
  const router = Router();
  router.use('/assets', compressed(join(WEB_FOLDER, 'assets')));
  router.use('/assets', express.static(join(WEB_FOLDER, 'assets'), { immutable: true, maxAge: '1y', index: false }));
  router.get(PAGES, (request, response, next) => {
    if (!wantsPage(request)) return next();
    if (!existsSync(join(WEB_FOLDER, 'index.html'))) {
      return sendProblem(
        request,
        response,
        problem(503, 'The dashboard is not built. Run `npm run build` and try again.'),
      );
    }
    response.set('cache-control', 'no-cache').sendFile('index.html', { root: WEB_FOLDER });
  });
  return router;
}

/** A script as it was compressed when it was built, for those who take it so. */
function compressed(folder: string): RequestHandler {
  return (request, response, next) => {
    const name = `${request.path.slice(1)}.br`;
    response.vary('accept-encoding');
    if (!/^[\w-]+\.js\.br$/.test(name) || request.acceptsEncodings(['br', 'identity']) !== 'br') return next();
    if (!existsSync(join(folder, name))) return next();
    response.set('content-encoding', 'br').type('js');
    response.sendFile(name, { root: folder, immutable: true, maxAge: '1y' });
  };
}
