import { join } from 'node:path';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import type { Container } from 'inversify';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { type AppSettings, SAMPLE_FOLDER } from '../settings.js';
import { APP_SETTINGS, LOGGER, SIGN_IN } from '../tokens.js';
import { AdminController } from './admin-controller.js';
import { CatalogueController } from './catalogue-controller.js';
import { ClusterController } from './cluster-controller.js';
import { dashboardRoutes } from './dashboard-routes.js';
import { ExportsController } from './exports-controller.js';
import { JobsController } from './jobs-controller.js';
import { OverviewController } from './overview-controller.js';
import { ownHosts } from './own-hosts.js';
import { problem, problemOf } from './problem.js';
import { sendProblem } from './send.js';
import type { SignIn } from './sign-in.js';

/** The application over HTTP, with the export service under `/service`. Everything else it needs is bound in the container. */
export function createExpressApp(container: Container, exportService: RequestHandler): Express {
  const logger = container.get<Logger>(LOGGER);
  const app = express();
  app.use(securityHeaders());
  app.use(ownHosts(container.get<AppSettings>(APP_SETTINGS).publicHosts));
  app.use(express.static(join(SAMPLE_FOLDER, 'public'), { index: false }));
  app.use(requestLog(logger));
  const signIn = container.get<SignIn>(SIGN_IN);
  app.use('/session', signIn.routes());
  app.use(['/admin', '/service'], signIn.guard);
  app.use('/service', exportService);
  app.use('/admin', container.get(AdminController).routes());
  app.use('/admin/exports', container.get(ExportsController).routes());
  app.use('/admin/cluster', container.get(ClusterController).routes());
  app.use('/admin', container.get(JobsController).routes());
  app.use('/api/items', container.get(CatalogueController).routes());
  app.use('/api', container.get(OverviewController).routes());
  app.use('/', dashboardRoutes());
  app.use(notFound);
  app.use(errorHandler(logger));
  return app;
}

/** One short line a request: `GET /items?id=1F436 200`. */
function requestLog(logger: Logger): RequestHandler {
  const line = ({ originalUrl, method }: Request, { statusCode }: Response): string =>
    `${method} ${originalUrl} ${statusCode}`;
  return pinoHttp<Request, Response>({
    logger,
    quietReqLogger: true,
    serializers: { req: () => undefined, res: () => undefined },
    customSuccessMessage: line,
    customErrorMessage: line,
  });
}

/** Scripts and styles of our own only, no foreign sources, no frames. Plain HTTP on loopback: nothing is upgraded to HTTPS. */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
    // Without it browsers say `Origin: null` when a form of ours is sent.
    referrerPolicy: { policy: 'same-origin' },
  });
}

const notFound: RequestHandler = (request, response) => {
  sendProblem(request, response, problem(404, `There is nothing at ${request.method} ${request.path}.`));
};

function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const answer = problemOf(error);
    if (response.destroyed) return;
    if (answer.status >= 500) logger.error({ err: error }, 'A request failed');
    if (response.headersSent) next(error);
    else sendProblem(request, response, answer);
  };
}
