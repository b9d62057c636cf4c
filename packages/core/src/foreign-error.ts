// Errors of another realm (a worker's context, a test runner) are no `instanceof Error`, so they are
// recognised by their fields.

/** What a thrown value says. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const message = String(error.message);
  return message === '' && 'name' in error ? String(error.name) : message;
}

/** The `code` of a system error, e.g. `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
