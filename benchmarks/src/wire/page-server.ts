import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { grpcPageServer } from './grpc-pages.js';
import { createPacer } from './pacer.js';
import { makePageData, type PageShape, TOLD_EVERY } from './page-data.js';
import { restPageServer } from './rest-pages.js';

/** What a page server is started with, as JSON. */
export interface PageServerOptions extends PageShape {
  readonly collection: string;
}

/** What it prints as one line of JSON when it is ready. */
export interface PageServerAddress {
  readonly httpPort: number;
  /** Points as fast as they are taken. */
  readonly grpcPort: number;
  /** Every so manieth identifier, where pages of a drain begin. */
  readonly ids: readonly string[];
}

/*
 * A process that serves pages of points from memory as a Qdrant would: `page-server.js OPTIONS` prints where, and serves
 * until its input ends. A line of its input is the rate from then on in points a second, 0 for as fast as it can; it
 * answers each with a line.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as PageServerOptions;
const data = makePageData(options);
let pacer = createPacer(0);
const paced = { wait: async (points: number): Promise<void> => pacer.wait(points) };
const grpcPort = await listen(grpcPageServer(data, options.collection, paced));
const httpPort = await listen(restPageServer({ ...options, data }, paced));
const address: PageServerAddress = { httpPort, grpcPort, ids: data.ids.filter((_, n) => n % TOLD_EVERY === 0) };
process.stdout.write(`${JSON.stringify(address)}\n`);
for await (const line of process.stdin.setEncoding('utf8')) {
  pacer = createPacer(Number(line));
  process.stdout.write('paced\n');
}
process.exit(0);

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
