// @ts-check
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** @typedef {import('node:net').Socket} Socket */

/**
 * A slow link, through which connections are carried in user space.
 * @typedef {object} Link
 * @property {(near: Socket, port: number) => void} carry what comes from a connection to a port of 127.0.0.1, and back
 * @property {() => void} cut nothing passes any more, in either direction, and nobody is told: what is under way waits
 * @property {() => void} mend everything passes again, and what waited comes first
 * @property {() => void} refuse every connection is broken, and every new one at once
 * @property {() => number} bytes that were carried, both directions
 * @property {() => void} close breaks what is carried
 */

/** Bytes that may be under way in one direction of a connection before its sender has to wait. */
const WINDOW = 512 * 1024;

/**
 * A link that takes so long for each byte to pass, and so many bytes a second in each direction, all connections together.
 * @param {{ delayMs?: number, bytesPerSecond?: number }} [shape]
 * @returns {Link}
 */
export function createLink({ delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = {}) {
  const gate = createGate();
  const lanes = { there: createLane(delayMs, bytesPerSecond), back: createLane(delayMs, bytesPerSecond) };
  /** @type {Set<Socket>} */
  const sockets = new Set();
  let refused = false;
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    carry: (near, port) => {
      if (refused) {
        near.destroy();
        return;
      }
      const far = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      for (const socket of [near, far]) {
        sockets.add(socket.setNoDelay(true));
        socket.once('close', () => sockets.delete(socket));
      }
      pump(near, far, lanes.there, gate);
      pump(far, near, lanes.back, gate);
    },
    cut: () => gate.shut(),
    mend: () => {
      refused = false;
      gate.open();
    },
    refuse: () => {
      refused = true;
      destroyAll();
    },
    bytes: () => lanes.there.bytes() + lanes.back.bytes(),
    close: () => {
      gate.open();
      destroyAll();
    },
  };
}

/** One direction of a link. @typedef {ReturnType<typeof createLane>} Lane */

/**
 * Tells when bytes arrive that are sent now: one after the other.
 * @param {number} delayMs
 * @param {number} bytesPerSecond
 * @param {() => number} [now]
 */
export function createLane(delayMs, bytesPerSecond, now = () => performance.now()) {
  let free = 0;
  let bytes = 0;
  return {
    /** @param {number} size @returns {number} when the last of so many bytes is there */
    arrival: (size) => {
      bytes += size;
      free = Math.max(free, now()) + (size / bytesPerSecond) * 1000;
      return free + delayMs;
    },
    bytes: () => bytes,
  };
}

/** @typedef {ReturnType<typeof createGate>} Gate */

function createGate() {
  /** @type {PromiseWithResolvers<void> | undefined} */
  let shut;
  return {
    shut: () => {
      shut ??= Promise.withResolvers();
    },
    open: () => {
      shut?.resolve();
      shut = undefined;
    },
    passed: async () => {
      while (shut !== undefined) await shut.promise;
    },
  };
}

/**
 * Send on what comes, in order, when it is due and the gate is open; the end and the loss of a connection too.
 * @param {Socket} from
 * @param {Socket} to
 * @param {Lane} lane
 * @param {Gate} gate
 */
function pump(from, to, lane, gate) {
  let underWay = 0;
  let last = Promise.resolve();
  const then = (/** @type {number} */ at, /** @type {() => void | Promise<void>} */ act) => {
    last = last.then(async () => {
      const left = at - performance.now();
      if (left >= 1) await delay(left);
      await gate.passed();
      await act();
    });
  };
  from.on('data', (chunk) => {
    underWay += chunk.length;
    if (underWay > WINDOW) from.pause();
    then(lane.arrival(chunk.length), async () => {
      if (to.writable && !to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => {});
      underWay -= chunk.length;
      if (underWay <= WINDOW) from.resume();
    });
  });
  from.once('end', () => then(lane.arrival(0), () => void to.end()));
  // A lost connection is told by 'close', which comes after this.
  from.on('error', () => {});
  from.once('close', () => then(lane.arrival(0), () => to.destroySoon()));
}
