import { inspect } from 'node:util';
import { type AdapterDefinition, redactUrl } from '@vecport/abstractions';
import { messageOf } from './foreign-error.js';

const SHORTEST = 4;
const SECRET_KEY = /key|token|secret|passw|credential|signature|sig$/i;

/** What is shown instead of a secret. */
const REDACTED = '***';

/**
 * The texts that must not be shown: values of secret settings, and passwords and keys inside the URLs
 * of others. Those of fewer than four characters are left out, as they stand in any text.
 */
export function secretTexts(
  settings: Readonly<Record<string, { readonly value: string }>>,
  adapter: AdapterDefinition,
): readonly string[] {
  const isSecret = new Set(adapter.settings.filter((spec) => spec.secret === true).map((spec) => spec.name));
  const values = Object.entries(settings).flatMap(([name, { value }]) =>
    isSecret.has(name) ? [value] : secretsInUrl(value),
  );
  return [...new Set(values.flatMap((value) => [value, encodeURIComponent(value)]))].filter(
    (value) => value.length >= SHORTEST,
  );
}

/** Passwords and secret query values of a URL, as they stand in it and decoded. */
export function secretsInUrl(url: string): readonly string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#:@]*:([^/?#@]*)@/i.exec(url)?.[1];
  const query = [...url.matchAll(/[?&]([^=&#]+)=([^&#]*)/g)].filter(([, key]) => SECRET_KEY.test(key ?? ''));
  return [password, ...query.map(([, , value]) => value)].flatMap((value) =>
    value === undefined || value === '' ? [] : [value, decoded(value)],
  );
}

/** A text without the secrets. */
export function scrub(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}

/** The value of a setting as it may be shown. */
export function shownValue(value: string, secret: boolean | undefined): string {
  return secret === true ? REDACTED : redactUrl(value);
}

/** The cause of an error: as it was thrown, or its redacted text where printing it would show a secret. */
export function scrubCause(cause: unknown, secrets: readonly string[]): unknown {
  if (cause === undefined) return undefined;
  const text = inspect(cause, { depth: 8 });
  return secrets.some((secret) => text.includes(secret)) ? new Error(scrub(messageOf(cause), secrets)) : cause;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
