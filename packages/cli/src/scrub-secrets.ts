import { redactUrl } from '@vecport/abstractions';

/** Environment variables whose names look like this hold secrets. */
const SECRET_NAME = /(?:key|token|secret|passw(?:or)?d|pass|credentials?)$/i;
const SECRET_PARAMETER = /key|token|secret|passw|credential|signature|sig$/i;
/** A shorter value is more often a flag or a number than a secret. */
const SHORTEST_SECRET = 6;
/** A shorter one stands in any text; inside of its URL it is hidden all the same. */
const SHORTEST_IN_URL = 4;

/** Texts that must not be printed: passwords in URLs among the arguments and secrets of the environment. */
export function secretsIn(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const fromEnv = Object.entries(env).flatMap(([name, value = '']) =>
    SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET ? [value] : secretsInUrl(value),
  );
  const found = [...args.flatMap(secretsInUrl), ...fromEnv];
  const spellings = found.flatMap((secret) => [secret, decode(secret), encodeURIComponent(secret)]);
  return [...new Set(spellings)]
    .filter((secret) => secret.length >= SHORTEST_IN_URL)
    .toSorted((a, b) => b.length - a.length);
}

/** A function that makes text fit to be shown: the given secrets, and those of any URL in it, become `***`. */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  return (text) =>
    secrets
      .reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
      .replaceAll(/[a-z][a-z0-9+.-]{0,30}:\/\/[^\s'"`<>]+/gi, (url) => redactUrl(url));
}

function secretsInUrl(text: string): readonly string[] {
  // To the last @: a password that was not encoded may hold anything, and too much hidden is better than too little.
  const password = /[a-z][a-z0-9+.-]*:\/\/[^/?#:@\s]*:(\S+)@/i.exec(text)?.[1] ?? '';
  const parameters = [...text.matchAll(/[?&]([^=&#]+)=([^&#]*)/g)].flatMap(([, name, value]) =>
    SECRET_PARAMETER.test(name ?? '') ? [value ?? ''] : [],
  );
  return [password, ...parameters].filter((secret) => secret !== '');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
