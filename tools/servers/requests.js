// @ts-check
import { request as httpRequest } from 'node:http';
import { connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';

const PATIENCE_MS = 10_000;

/**
 * Whether a GET is answered with 200.
 * @param {string} url
 * @param {import('node:https').RequestOptions} [options]
 * @returns {Promise<boolean>}
 */
export async function answers(url, options = {}) {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(url, { ...options, agent: false, timeout: PATIENCE_MS }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode === 200));
      response.once('error', () => resolve(false));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
    request.end();
  });
}

/**
 * Calls a unary gRPC method with an empty message.
 * @param {number} port of 127.0.0.1
 * @param {string} path e.g. `/package.Service/Method`
 * @returns {Promise<Buffer | undefined>} the answer, `undefined` when there was none or its status is not 0
 */
export async function callGrpc(port, path) {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    return await new Promise((resolve) => {
      session.once('error', () => resolve(undefined));
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      /** @type {Buffer[]} */
      const chunks = [];
      let status = '';
      const look = (/** @type {import('node:http2').IncomingHttpHeaders} */ headers) => {
        status = String(headers['grpc-status'] ?? status);
      };
      stream.setTimeout(PATIENCE_MS, () => stream.close());
      stream.on('response', look).on('trailers', look);
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.once('error', () => resolve(undefined));
      stream.once('close', () => resolve(status === '0' ? Buffer.concat(chunks).subarray(5) : undefined));
      stream.end(Buffer.alloc(5));
    });
  } finally {
    session.destroy();
  }
}
