import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeQdrant, startFakeQdrant } from '@vecport/testkit';
import { GrpcError, openGrpcChannel } from '@vecport/wire';
import { ANSWERS } from './answer-messages.js';
import { protoTree, type Tree } from './proto-tree.js';
import { type GrpcExchange, grpcExchanges, type RecordedKey, type RestExchange, restExchanges } from './recordings.js';

const KEY = 'secret';
const HEADERS: Readonly<Record<RecordedKey, Record<string, string>>> = {
  none: {},
  wrong: { 'api-key': 'wrong' },
  right: { 'api-key': KEY },
};

/** What a real server does not say twice in the same way. Everything else must be equal to the last byte. */
const MAPS = ['vector', 'payload_schema'];

let open: FakeQdrant;
let keyed: FakeQdrant;
const rest = await restExchanges();
const grpc = await grpcExchanges();
const LAST_REST = rest.findIndex(({ name }) => name === 'delete by ids');

beforeAll(async () => {
  open = await startFakeQdrant();
  keyed = await startFakeQdrant({ apiKey: KEY });
});

afterAll(async () => {
  await Promise.all([open.close(), keyed.close()]);
});

describe('the fake of Qdrant answers as server 1.18.3 did', () => {
  it('has every recorded exchange', () => {
    expect([rest.length, grpc.length, LAST_REST]).toEqual([50, 29, 46]);
  });

  for (const exchange of rest.slice(0, LAST_REST)) {
    it(`REST: ${exchange.name}`, async () => expectRest(exchange));
  }
  for (const exchange of grpc) it(`gRPC: ${exchange.name}`, async () => expectGrpc(exchange));
  for (const exchange of rest.slice(LAST_REST)) it(`REST: ${exchange.name}`, async () => expectRest(exchange));
});

async function expectRest(exchange: RestExchange): Promise<void> {
  const server = exchange.key === undefined ? open : keyed;
  const response = await fetch(server.httpUrl + exchange.path, {
    method: exchange.method,
    headers: HEADERS[exchange.key ?? 'none'],
    body: exchange.body ?? null,
  });
  const text = await response.text();
  expect(response.status).toBe(exchange.status);
  expect(response.headers.get('content-type')).toBe(exchange.contentType ?? null);
  expect(response.headers.get('retry-after')).toBeNull();
  expect(normalized(text)).toBe(normalized(exchange.answer));
}

/** Without the duration, and with the members of the server's hash maps in order. */
function normalized(text: string): string {
  let sorted = text.replace(/("time":)(?!0\.0})[\d.e-]+}$/, '$1…}');
  for (const name of MAPS) {
    sorted = sorted.replaceAll(new RegExp(`"${name}":({(?:[^{}]|{[^{}]*})*})`, 'g'), (_all, members: string) => {
      return `"${name}":{${membersOf(members).toSorted().join()}}`;
    });
  }
  return sorted;
}

/** The members of an object as texts, verbatim. */
function membersOf(object: string): readonly string[] {
  const members = object.slice(1, -1).match(/"[^"]*":(?:{[^{}]*}|\[(?:[^[\]]|\[[^[\]]*\])*\]|[^,]*)/g) ?? [];
  if (members.join() !== object.slice(1, -1)) throw new Error(`The test cannot take ${object} apart.`);
  return members;
}

async function expectGrpc(exchange: GrpcExchange): Promise<void> {
  const server = exchange.key === undefined ? open : keyed;
  const channel = openGrpcChannel({
    host: '127.0.0.1',
    port: server.grpcPort,
    metadata: HEADERS[exchange.key ?? 'none'],
  });
  try {
    const answer = await channel.unary(exchange.method, Buffer.from(exchange.request, 'base64'));
    expect(exchange.code).toBe(0);
    expect(answerTree(exchange.method, answer)).toEqual(
      answerTree(exchange.method, Buffer.from(exchange.answer ?? '', 'base64')),
    );
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error;
    expect({ code: error.grpcCode, details: error.details }).toEqual({
      code: exchange.code,
      details: exchange.details,
    });
  } finally {
    channel.close();
  }
}

/** An answer field by field; only the duration is left out, and that there is one is checked. */
function answerTree(method: string, bytes: Uint8Array): Tree {
  const [service = '', name = ''] = method.replace('/qdrant.', '').split('/');
  const message = ANSWERS[name] ?? ANSWERS[`${service}/${name}`];
  if (message === undefined) throw new Error(`The test does not know the answer to ${method}.`);
  const { time, ...tree } = protoTree(bytes, message);
  expect(typeof time).toBe(name === 'HealthCheck' ? 'undefined' : 'number');
  return tree;
}
