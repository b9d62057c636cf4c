import type { ErrorCode } from '@vecport/abstractions';

/**
 * `ready`: opened and listed; `unreachable`: no connection or no answer in time; `misconfigured`: a
 * setting or the credentials are missing or refused; `unconfigured`: nothing was said about it, and it
 * does not work without; `failed`: anything else.
 */
export type AdapterState = 'ready' | 'unreachable' | 'misconfigured' | 'unconfigured' | 'failed';

const STATES: Readonly<Partial<Record<ErrorCode, AdapterState>>> = {
  unavailable: 'unreachable',
  timeout: 'unreachable',
  'rate-limited': 'unreachable',
  unauthorized: 'misconfigured',
  forbidden: 'misconfigured',
  'invalid-argument': 'misconfigured',
  'not-found': 'misconfigured',
};

/** What an error with this code says about the adapter that threw it when it was opened. */
export function stateForCode(code: ErrorCode): AdapterState {
  return STATES[code] ?? 'failed';
}
