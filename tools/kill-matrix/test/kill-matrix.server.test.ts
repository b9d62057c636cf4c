import { expect, it } from '@jest/globals';
import { testedServers } from '@vecport/testkit';
import { SERVER_KINDS } from '../kinds.js';
import { describeKinds } from './short-matrix.js';

if (testedServers(['s3'] as const).length > 0) describeKinds(SERVER_KINDS);
else it('is asked for without the server s3', () => expect(SERVER_KINDS).not.toEqual([]));
