import { parentPort } from 'node:worker_threads';
import { serveParts } from './serve-parts.js';

/*
 * A thread that encodes parts: see `createPartThreads`.
 */
if (parentPort !== null) serveParts(parentPort);
