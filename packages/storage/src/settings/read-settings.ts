import { StorageError, type StorageErrorCode } from '../storage-error.js';
import { type ObjectScheme, STORAGE_SETTINGS, type StorageSetting } from './storage-settings.js';

/** Names and values, as `process.env` has them. */
export type StorageEnvironment = Readonly<Record<string, string | undefined>>;

/** The settings of one store, from its URL and the environment. Every getter throws `invalid-setting`. */
export interface Settings {
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  choice<Value extends string>(name: string, values: readonly Value[]): Value | undefined;
  /** A whole number, not negative. */
  count(name: string): number | undefined;
  /** An http: or https: URL without its last slashes. */
  endpoint(): string | undefined;
  /** Bytes of the first parts of an upload. */
  partSize(): number;
  /** Refuse, naming where the setting can be made. */
  missing(code: StorageErrorCode, name: string, example?: string): never;
}

const MIB = 1 << 20;
const DEFAULT_PART = 8 * MIB;
/** No store takes smaller parts, and none of this size more than once. */
const LEAST_PART = 5 * MIB;
const MOST_PART = 1024 * MIB;
const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 1 << 10, MiB: MIB, GiB: 1 << 30 };

/** @throws StorageError `invalid-setting` for a parameter of the URL that the scheme does not know. */
export function readSettings(
  scheme: ObjectScheme,
  parameters: URLSearchParams,
  environment: StorageEnvironment,
): Settings {
  const known = STORAGE_SETTINGS.filter(({ schemes }) => schemes.includes(scheme));
  refuseUnknown(scheme, parameters, known);

  function text(name: string): string | undefined {
    const setting = known.find((one) => one.name === name);
    const given = setting?.inUrl === true ? parameters.get(name) : null;
    if (given !== null && given !== '') return given;
    return setting?.variables
      .map((variable) => environment[variable])
      .find((value) => value !== undefined && value !== '');
  }

  function parsed<Value>(name: string, parse: (value: string) => Value | undefined, expected: string) {
    const value = text(name);
    if (value === undefined) return undefined;
    // A wrong URL may hold a password: it is not repeated.
    const shown = name === 'endpoint' ? 'wrong' : JSON.stringify(value);
    return parse(value) ?? refuse(`The setting ${name} of ${scheme}: is ${shown}. It must be ${expected}.`);
  }

  function refuse(message: string): never {
    throw new StorageError('invalid-setting', message, `${scheme}:`);
  }

  return {
    text,
    flag: (name) => parsed(name, parseFlag, 'true or false'),
    choice: (name, values) => parsed(name, (value) => values.find((one) => one === value), values.join(', ')),
    count: (name) => parsed(name, (value) => (/^\d{1,9}$/.test(value) ? Number(value) : undefined), 'a whole number'),
    endpoint: () =>
      parsed('endpoint', parseEndpoint, 'a URL that begins with https:// or http:// and holds no password'),
    partSize: () => parsed('part-size', parsePartSize, 'between 5MiB and 1GiB') ?? DEFAULT_PART,
    missing(code, name, example) {
      const setting = known.find((one) => one.name === name);
      const variables = setting?.variables.join(' or ') ?? name;
      const like = example === undefined ? '' : `, for example to ${example}`;
      throw new StorageError(code, `${scheme}: needs ${name}. Set ${variables}${like}.`, `${scheme}:`);
    },
  };
}

function refuseUnknown(scheme: ObjectScheme, parameters: URLSearchParams, known: readonly StorageSetting[]): void {
  for (const name of parameters.keys()) {
    const setting = known.find((one) => one.name === name);
    if (setting?.inUrl === true) continue;
    const names = known.filter(({ inUrl }) => inUrl).map((one) => one.name);
    const advice =
      setting === undefined
        ? `It knows ${names.join(', ')}.`
        : `Set ${setting.variables.join(' or ')} in the environment instead.`;
    const text = `The URL of ${scheme}: has the parameter ${JSON.stringify(name)}, which cannot stand there. ${advice}`;
    throw new StorageError('invalid-setting', text, `${scheme}:`);
  }
}

function parseFlag(value: string): boolean | undefined {
  if (/^(?:true|1|yes)$/i.test(value)) return true;
  return /^(?:false|0|no)$/i.test(value) ? false : undefined;
}

function parseEndpoint(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined;
  const { protocol, username, password, search, hash } = new URL(value);
  if (!/^https?:$/.test(protocol) || [username, password, search, hash].some((part) => part !== '')) return undefined;
  return value.replace(/\/+$/, '');
}

function parsePartSize(value: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,12})\s*(|KiB|MiB|GiB)$/.exec(value) ?? [];
  const bytes = Number(digits) * (UNITS[unit] ?? Number.NaN);
  return digits !== '' && bytes >= LEAST_PART && bytes <= MOST_PART ? bytes : undefined;
}
