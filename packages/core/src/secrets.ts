import { type AdapterDefinition, redactUrl } from '@vecport/abstractions';
import { messageOf } from './foreign-error.js';
import { holdsSecret } from './holds-secret.js';

const SHORTEST = 4;
const SECRET_KEY = /key|token|secret|passw|pwd|credential|signature|sig$/i;

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
  return [...new Set(values.flatMap((value) => spellings(value)))].filter((value) => value.length >= SHORTEST);
}

/** Passwords and secret query values of a URL, as they stand in it and decoded. */
export function secretsInUrl(url: string): readonly string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#:@]*:([^/?#]*)@/i.exec(url)?.[1];
  const query = [...url.matchAll(/[?&]([^=&#]+)=([^&#]*)/g)].filter(([, key]) => SECRET_KEY.test(key ?? ''));
  return [password, ...query.map(([, , value]) => value)].flatMap((value) =>
    value === undefined || value === '' ? [] : [value, decoded(value)],
  );
}

/** A text without the secrets and without HTTP credentials. */
export function scrub(text: string, secrets: readonly string[]): string {
  // The longest first: where one secret begins like another, the rest of it must not stay.
  const longestFirst = secrets.toSorted((left, right) => right.length - left.length);
  const rest = longestFirst.reduce((kept, secret) => kept.replaceAll(secret, REDACTED), text);
  return secrets.length === 0 ? rest : rest.replace(/\b(basic)\s+[a-z0-9+/]{4,}=*/gi, `$1 ${REDACTED}`);
}

/** The value of a setting as it may be shown. */
export function shownValue(value: string, secret: boolean | undefined): string {
  return secret === true ? REDACTED : redactUrl(value);
}

/** The cause of an error: as it was thrown, or its redacted text where printing it would show a secret. */
export function scrubCause(cause: unknown, secrets: readonly string[]): unknown {
  if (cause === undefined) return undefined;
  return holdsSecret(cause, secrets) ? new Error(scrub(messageOf(cause), secrets)) : cause;
}

// As it is, in a URL and in JSON.
function spellings(value: string): readonly string[] {
  return [value, encodeURIComponent(value.toWellFormed()), JSON.stringify(value).slice(1, -1)];
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
