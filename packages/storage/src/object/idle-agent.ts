import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { brokenBody } from './network-fault.js';

/**
 * An agent whose connections are kept open between requests, without keeping the process alive, and break when no byte
 * goes through in either direction for so long. A limit on the whole of a request would break off slow ones as well.
 */
export function idleAgent(secure: boolean, timeoutMs: number): HttpAgent | HttpsAgent {
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 50, timeout: timeoutMs });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => {
    const stream = connect(...args);
    const socket = stream as Socket | null | undefined;
    socket?.setTimeout(timeoutMs);
    socket?.on('timeout', () => socket.destroy(brokenBody(`No bytes came for ${timeoutMs / 1000} s.`)));
    return stream;
  };
  return agent;
}
