import assert from 'node:assert/strict';
import { type ErrorCode, isVecportError, type VecportError } from '@vecport/abstractions';

/** Assert that a call fails with a {@link VecportError} of one of these codes, and return it. */
export async function expectError(call: () => Promise<unknown>, ...codes: readonly ErrorCode[]): Promise<VecportError> {
  const error = await errorOf(call);
  assert.ok(isVecportError(error), `expected a VecportError, got ${String(error)}`);
  assert.ok(codes.includes(error.code), `expected the code ${codes.join(' or ')}, got ${error.code}: ${error.message}`);
  return error;
}

/** What a call throws. @throws AssertionError when it does not throw. */
export async function errorOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  assert.fail('the call succeeded instead of failing');
}
