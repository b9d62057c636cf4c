import type { Request, RequestHandler } from 'express';
import { problem } from './problem.js';
import { sendProblem } from './send.js';

const LOCAL_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Refuse what a web page elsewhere makes a browser send: requests for a host name that is not this application's (DNS
 * rebinding), and requests that change something from another site (CSRF). `hosts` are names it has besides those of
 * this machine.
 */
export function ownHosts(hosts: readonly string[]): RequestHandler {
  const names = new Set([...LOCAL_NAMES, ...hosts.map((host) => host.toLowerCase())]);
  const named = ['127.0.0.1', 'localhost', ...hosts];
  return (request, response, next) => {
    if (!names.has(hostName(request.headers.host))) {
      return sendProblem(request, response, problem(403, `This application answers to ${named.join(', ')} only.`));
    }
    if (!READING.has(request.method) && isFromElsewhere(request)) {
      return sendProblem(request, response, problem(403, 'Requests from other sites may not change anything here.'));
    }
    next();
  };
}

function hostName(host: string | undefined): string {
  return (host ?? '').replace(/:\d*$/, '').toLowerCase();
}

// Programs that are no browser send neither header.
function isFromElsewhere({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return typeof site !== 'string' || !OWN_SITES.has(site);
  return headers.origin !== undefined && headers.origin.replace(/^https?:\/\//, '') !== headers.host;
}
